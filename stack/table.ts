import { TELL_INDEX } from '../lib/attempt/item.ts';
import { DELETIONS_INDEX } from '../lib/deletion/deleted.ts';
import { allow, attribute, type Resources, type Statement, sub } from './cloudformation.ts';

export const TABLE = 'Table';

/** The attributes of its keys, and of those of its indexes. */
export const ATTRIBUTES = ['pk', 'sk', 'tell', 'kind', 'requestedAt'].map((AttributeName) => ({
  AttributeName,
  AttributeType: 'S',
}));

/** The index of the changes in the ledger, which alone have both attributes. */
export const DELETIONS = {
  IndexName: DELETIONS_INDEX,
  KeySchema: [
    { AttributeName: 'kind', KeyType: 'HASH' },
    { AttributeName: 'requestedAt', KeyType: 'RANGE' },
  ],
  Projection: { ProjectionType: 'KEYS_ONLY' },
};

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
      AttributeDefinitions: ATTRIBUTES,
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      // Both hold only what has their keys, few items or none:
      // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-general-sparse-indexes.html
      // An update may add no more than one to them, which DynamoDB fills from what the table holds:
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
      GlobalSecondaryIndexes: [
        // Only for an update in place: by it the first runs find the attempts that the version before has left
        // unreported. Nothing new writes `tell`, so the index runs empty, and then costs nothing.
        {
          IndexName: TELL_INDEX,
          KeySchema: [
            { AttributeName: 'tell', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
        DELETIONS,
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

/** Lets a role list the secrets whose deletion is known. */
export const allowListDeleted = allow(
  'ListDeleted',
  'dynamodb:Query',
  sub(`\${${TABLE}.Arn}/index/${DELETIONS_INDEX}`),
);

/** Lets a role find the attempts of the version before: those that it has left unreported, and all others. */
export const allowFindLeftOver: readonly Statement[] = [
  allow('FindLeftOver', 'dynamodb:Query', sub(`\${${TABLE}.Arn}/index/${TELL_INDEX}`)),
  allow('FindReported', 'dynamodb:Scan', attribute(TABLE, 'Arn')),
];
