import { cloudTrailRecord, type Outcome } from '../../../emulators/cloudtrail.ts';
import { APP_SERVER, asEvent, failedGetSecretValue } from '../../testing/records.ts';

const NO_BREAK_SPACES = /[\u00a0\u202f]/;

function record(eventName: string, request: object, outcome: Outcome) {
  return cloudTrailRecord({
    eventName,
    time: new Date('2026-11-22T14:03:00.123Z'),
    caller: APP_SERVER,
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    userAgent: 'agent',
    request: { ...request },
    outcome,
  });
}

test('a failed read has the fields of a real record, the error and no answer', () => {
  expect(failedGetSecretValue()).toMatchInlineSnapshot(`
{
  "awsRegion": "eu-west-1",
  "errorCode": "InvalidRequestException",
  "errorMessage": "You can't perform this operation on the secret because it was marked for deletion.",
  "eventCategory": "Management",
  "eventID": "0a6b1b57-9c0e-4f0d-9a35-2f1f6f0c7e21",
  "eventName": "GetSecretValue",
  "eventSource": "secretsmanager.amazonaws.com",
  "eventTime": "2026-11-22T14:03:00Z",
  "eventType": "AwsApiCall",
  "eventVersion": "1.11",
  "managementEvent": true,
  "readOnly": true,
  "recipientAccountId": "111122223333",
  "requestID": "5f0a1f63-3a8e-4b9c-8e57-7d2f4c1b9a10",
  "requestParameters": {
    "secretId": "prod/db-password",
  },
  "responseElements": null,
  "sourceIPAddress": "203.0.113.24",
  "tlsDetails": {
    "cipherSuite": "TLS_AES_128_GCM_SHA256",
    "clientProvidedHostHeader": "secretsmanager.eu-west-1.amazonaws.com",
    "tlsVersion": "TLSv1.3",
  },
  "userAgent": "aws-sdk-js/3.1163.0 os/linux lang/js md/nodejs#24.21.0 api/secrets-manager",
  "userIdentity": {
    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "accountId": "111122223333",
    "arn": "arn:aws:sts::111122223333:assumed-role/app-server/i-0abc1234def567890",
    "principalId": "AROAEXAMPLEROLEID1234:i-0abc1234def567890",
    "sessionContext": {
      "attributes": {
        "creationDate": "2026-11-22T14:03:00Z",
        "mfaAuthenticated": "false",
      },
      "sessionIssuer": {
        "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:role/app-server",
        "principalId": "AROAEXAMPLEROLEID1234",
        "type": "Role",
        "userName": "app-server",
      },
    },
    "type": "AssumedRole",
  },
}
`);
});

test('a successful read has neither an error nor an answer', () => {
  const read = record('GetSecretValue', { SecretId: 'x' }, { response: { SecretString: 's' } });
  expect(read).toMatchObject({ readOnly: true, responseElements: null });
  expect(read).not.toHaveProperty('errorCode');
});

test('a deletion has its date in the form that CloudTrail writes, in UTC', () => {
  const DeletionDate = Date.parse('2026-11-29T14:03:00Z') / 1000;
  const response = { ARN: 'arn:aws:x', Name: 'x', DeletionDate };
  const { requestParameters, responseElements, readOnly } = record(
    'DeleteSecret',
    { SecretId: 'x', RecoveryWindowInDays: 7 },
    { response },
  );
  expect({ requestParameters, responseElements, readOnly }).toEqual({
    requestParameters: { secretId: 'x', recoveryWindowInDays: 7 },
    responseElements: { arn: 'arn:aws:x', name: 'x', deletionDate: 'Nov 29, 2026, 2:03:00 PM' },
    readOnly: false,
  });
  expect(JSON.stringify(responseElements)).not.toMatch(NO_BREAK_SPACES);
});

test('a new secret is recorded with its tags but not its value', () => {
  const request = { Name: 'x', SecretString: 's', Tags: [{ Key: 'Owner', Value: 'Ada' }] };
  const { requestParameters } = record('CreateSecret', request, { response: { Name: 'x' } });
  expect(requestParameters).toEqual({ name: 'x', tags: [{ key: 'Owner', value: 'Ada' }] });
});

test('an empty answer is none', () => {
  expect(record('TagResource', { SecretId: 'x' }, { response: {} }).responseElements).toBeNull();
});

test.each([
  ['AccessDeniedException', 'AccessDenied'],
  ['ThrottlingException', 'ThrottlingException'],
])('%s is recorded as %s', (code, errorCode) => {
  const error = { code, message: 'no' };
  expect(record('DescribeSecret', { SecretId: 'x' }, { error })).toMatchObject({
    errorCode,
    errorMessage: 'no',
  });
});

test('EventBridge wraps a record in an envelope', () => {
  const detail = failedGetSecretValue();
  expect(asEvent(detail)).toEqual({
    version: '0',
    id: expect.any(String),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.secretsmanager',
    account: '111122223333',
    time: '2026-11-22T14:03:00Z',
    region: 'eu-west-1',
    resources: [],
    detail,
  });
});
