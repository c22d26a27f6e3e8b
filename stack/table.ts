import { TELL_INDEX } from '../lib/attempt/item.ts';
import { allow, attribute, type Resources, type Statement, sub } from './cloudformation.ts';

export const TABLE = 'Table';

/**
 * The service's table. Encrypted although no property says so: DynamoDB always encrypts, by default
 * with a key that AWS owns, free of charge.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html
 */
export const table: Resources = {
  [TABLE]: {
    Type: 'AWS::DynamoDB::Table',
    // Both explicit, because both are decisions: docs/decisions/0007-table-removal.md.
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
        { AttributeName: 'tell', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      // Only for an update in place: by it the first runs find the attempts that the version before has left
      // unreported. Nothing new writes `tell`, so the index runs empty, and then costs nothing.
      // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-general-sparse-indexes.html
      GlobalSecondaryIndexes: [
        {
          IndexName: TELL_INDEX,
          KeySchema: [
            { AttributeName: 'tell', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    },
  },
};

/** Lets a role use the table by these actions of DynamoDB. */
export const allowOnTable = (...actions: string[]): Statement =>
  allow(
    'UseTable',
    actions.map((action) => `dynamodb:${action}`),
    attribute(TABLE, 'Arn'),
  );

/** Lets a role find the attempts of the version before: those that it has left unreported, and all others. */
export const allowFindLeftOver: readonly Statement[] = [
  allow('FindLeftOver', 'dynamodb:Query', sub(`\${${TABLE}.Arn}/index/${TELL_INDEX}`)),
  allow('FindReported', 'dynamodb:Scan', attribute(TABLE, 'Arn')),
];
