import { allow, attribute, type Resources, type Statement } from './cloudformation.ts';

export const TABLE = 'Table';

/**
 * The service's memory. Encrypted although nothing here says so: DynamoDB always does it, by default
 * with a key that AWS owns, free of charge.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html
 */
export const table: Resources = {
  [TABLE]: {
    Type: 'AWS::DynamoDB::Table',
    // Both said, because both are decisions: docs/decisions/0007-table-removal.md.
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
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
