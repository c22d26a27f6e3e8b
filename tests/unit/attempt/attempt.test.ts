import { readAttempt } from '../../../lib/attempt/attempt.ts';
import { parseEvent, parseRecord } from '../../../lib/cloudtrail/record.ts';
import { NOW } from '../../testing/attempts.ts';
import {
  asEvent,
  failedGetSecretValue,
  MARKED_FOR_DELETION,
  NOT_FOUND,
} from '../../testing/records.ts';

const NO_VERSION =
  "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";

const read = (overrides: object = {}, envelope: object = {}) =>
  readAttempt(
    parseEvent({ ...asEvent({ ...failedGetSecretValue(), ...overrides }), ...envelope }),
    NOW,
  );

describe('an attempt', () => {
  test.each([
    ['today', "You can't perform this operation on the secret because it was marked for deletion."],
    [
      'in 2019',
      'You can’t perform this operation on the secret because it was marked for deletion.',
    ],
    ['in 2018', "You can't perform this operation on the secret because it was deleted."],
    [
      'without an apostrophe',
      'You cant perform this operation on the secret because it was marked for deletion.',
    ],
    ['in capitals', 'MARKED FOR DELETION'],
  ])('is told by the message as it was %s', (_, errorMessage) => {
    expect(read({ errorMessage }).attempt).toBeDefined();
  });

  test.each([
    undefined,
    'InvalidRequestException',
    'com.amazonaws.secretsmanager#InvalidRequestException',
    'InvalidRequestExceptionException',
    'InvalidRequest',
  ])('may bear the error code %p', (errorCode) => {
    expect(read({ errorCode }).attempt).toBeDefined();
  });

  test.each([
    ['', { errorMessage: NOT_FOUND }],
    [', with the apostrophe of 2019', { errorMessage: NOT_FOUND.replace("'", '’') }],
    [', without a code', { errorCode: undefined, errorMessage: NOT_FOUND }],
    [', beside other words', { errorMessage: `${NOT_FOUND} (Service: SecretsManager)` }],
  ])('may be on a secret that AWS does not find%s', (_, overrides) => {
    const { attempt } = read({ errorCode: 'ResourceNotFoundException', ...overrides });
    expect(attempt?.isNotFound).toBe(true);
  });

  test('on a secret that AWS finds marked is not one on a secret that it does not find', () => {
    expect(read().attempt).not.toHaveProperty('isNotFound', true);
  });

  test('bears where it came from', () => {
    const facts = {
      sourceIPAddress: '10.0.3.7',
      vpcEndpointId: 'vpce-0abc',
      userAgent: 'curl/8',
      eventTime: '2026-11-22T17:03:00Z',
    };
    const record = { ...failedGetSecretValue(), ...facts };
    const userIdentity = { ...record.userIdentity, invokedBy: 'ecs.amazonaws.com' };
    expect(read({ ...record, userIdentity }).attempt).toMatchObject({
      sourceAddress: '10.0.3.7',
      vpcEndpointId: 'vpce-0abc',
      userAgent: 'curl/8',
      invokedBy: 'ecs.amazonaws.com',
      time: new Date('2026-11-22T17:03:00Z'),
    });
  });

  test.each([
    [{ sharedEventID: 'shared', eventID: 'own' }, 'shared'],
    [{ eventID: 'second', addendum: { originalEventID: 'first' } }, 'first'],
    [{ eventID: 'own' }, 'own'],
    [{ eventID: undefined }, 'envelope'],
  ])('with %j is identified by %s', (overrides, id) => {
    expect(read(overrides, { id: 'envelope' }).attempt?.id).toBe(id);
  });

  test('without any id is identified by what it says, the same each time', () => {
    const { eventID, ...record } = failedGetSecretValue();
    const ids = [1, 2].map(() => readAttempt(parseRecord(record), NOW).attempt?.id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).toContain(record.eventTime);
  });

  test.each([
    ['of the record', { eventTime: '2024-10-17 21:48:45.000000000' }, '2024-10-17T21:48:45.000Z'],
    ['of the event', { eventTime: 'yesterday' }, '2026-11-22T17:04:00.000Z'],
  ])('has the time %s', (_, overrides, expected) => {
    const { attempt } = read(overrides, { time: '2026-11-22T17:04:00Z' });
    expect(attempt?.time.toISOString()).toBe(expected);
  });

  test('that has no time at all is of now', () => {
    expect(read({ eventTime: undefined }, { time: undefined }).attempt?.time).toBe(NOW);
  });

  test('on a secret of another account is kept under its owner', () => {
    const secretId = 'arn:aws:secretsmanager:eu-west-1:444455556666:secret:x-AbC123';
    expect(read({ requestParameters: { secretId } }).attempt?.secret).toMatchObject({
      name: 'x',
      accountId: '444455556666',
    });
  });

  test.each([
    ['null', null],
    ['a number', { secretId: 7 }],
    ['a list', []],
  ])('whose request parameters are %s has a secret without a name', (_, requestParameters) => {
    expect(read({ requestParameters }).attempt?.secret.name).toBeUndefined();
  });

  test('whose identity is not even an object has an unknown caller', () => {
    expect(read({ userIdentity: 'root' }).attempt?.caller.name).toBe('unknown identity');
  });
});

describe('no attempt', () => {
  test.each([
    [{ errorCode: undefined, errorMessage: undefined }, 'the call succeeded'],
    [{ eventName: 'DescribeSecret' }, 'the call was DescribeSecret, not GetSecretValue'],
    [
      { eventSource: 'kms.amazonaws.com' },
      'the call went to kms.amazonaws.com, not to secretsmanager.amazonaws.com',
    ],
    [
      { errorCode: 'AccessDenied', errorMessage: undefined },
      `the call failed for another reason than "marked for deletion" or "can't find the specified secret" (AccessDenied)`,
    ],
    [
      { errorCode: 'SomethingElse', errorMessage: 'marked for deletion' },
      `the call failed for another reason than "marked for deletion" or "can't find the specified secret" (SomethingElse: marked for deletion)`,
    ],
    [
      { errorMessage: "You can't perform this operation: no such staging label." },
      `the call failed for another reason than "marked for deletion" or "can't find the specified secret" (InvalidRequestException: You can't perform this operation: no such staging label.)`,
    ],
    [
      { errorCode: 'ResourceNotFoundException', errorMessage: NO_VERSION },
      `the call failed for another reason than "marked for deletion" or "can't find the specified secret" (ResourceNotFoundException: ${NO_VERSION})`,
    ],
    [
      { errorMessage: NOT_FOUND },
      `the call failed for another reason than "marked for deletion" or "can't find the specified secret" (InvalidRequestException: ${NOT_FOUND})`,
    ],
  ])('in a record with %j', (overrides, reason) => {
    expect(read(overrides)).toEqual({ reason });
  });

  test('in a network activity event, which tells of the same call once more', () => {
    const envelope = { 'detail-type': 'AWS VPC Endpoint Network Activity Event via CloudTrail' };
    expect(read({}, envelope).reason).toMatch(/^the detail-type is "AWS VPC/);
  });
});

describe('words that the caller sent make no attempt,', () => {
  const FORGED =
    'arn:aws marked for deletion:secretsmanager:eu-west-1:111122223333:secret:prod/db/password';
  const denied = (id: string) =>
    `User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: secretsmanager:GetSecretValue on resource: ${id} because no identity-based policy allows the secretsmanager:GetSecretValue action`;
  const quoted = (id: string) => `The secret ${id} has no such version.`;
  const arnOf = (id: string) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${id}`;

  test.each([
    ['with the code of IAM', FORGED, { errorCode: 'AccessDenied', errorMessage: denied(FORGED) }],
    ['without a code', FORGED, { errorCode: undefined, errorMessage: denied(FORGED) }],
    ['quoted by Secrets Manager', FORGED, { errorMessage: quoted(FORGED) }],
    ['quoted and cut', FORGED, { errorMessage: quoted(`${FORGED.slice(0, 40)}...`) }],
    [
      'wrapped in an ARN',
      'marked for deletion',
      { errorMessage: quoted(arnOf('marked for deletion')) },
    ],
    [
      'of many spaces',
      'x marked  for\ndeletion',
      { errorMessage: quoted('x marked for deletion') },
    ],
  ])('%s', (_, secretId, overrides) => {
    expect(read({ requestParameters: { secretId }, ...overrides }).attempt).toBeUndefined();
  });

  test.each([
    ['as a name', { secretId: "can't find the specified secret" }],
    [
      'as a version stage',
      { secretId: 'prod/db', versionStage: "can't find the specified secret" },
    ],
  ])('of a secret that AWS does not find, sent %s', (_, requestParameters) => {
    const sent = Object.values(requestParameters).at(-1);
    const errorMessage = `Secrets Manager can't find the specified secret value for staging label: ${sent}`;
    const errorCode = 'ResourceNotFoundException';
    expect(read({ requestParameters, errorCode, errorMessage }).attempt).toBeUndefined();
  });

  test('sent as a version stage', () => {
    const requestParameters = { secretId: 'prod/db', versionStage: 'marked for deletion' };
    const errorMessage = quoted('prod/db (marked for deletion)');
    expect(read({ requestParameters, errorMessage }).attempt).toBeUndefined();
  });

  test('sent as a text within another', () => {
    const secretId = 'because it was deleted';
    const versionStage = `marked ${secretId} for deletion`;
    const errorMessage = quoted(`(${versionStage})`);
    const requestParameters = { secretId, versionStage };
    expect(read({ requestParameters, errorMessage }).attempt).toBeUndefined();
  });

  test.each([
    ['in its own sentence', MARKED_FOR_DELETION],
    ['beside them', `The secret ${FORGED} was marked for deletion.`],
  ])('but Secrets Manager may say the same %s', (_, errorMessage) => {
    expect(read({ requestParameters: { secretId: FORGED }, errorMessage }).attempt).toBeDefined();
  });

  test('and never make the secret that they name', () => {
    const { attempt } = read({ requestParameters: { secretId: FORGED } });
    expect(attempt?.secret).toMatchObject({ name: FORGED, partition: 'aws' });
    expect(attempt?.secret.arn).toBeUndefined();
  });
});

test('a record that tells the complete ARN tells the name of a partial one', () => {
  const secretId = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:my-super-secret';
  const resources = [{ ARN: `${secretId}-AbC123` }];
  expect(read({ requestParameters: { secretId }, resources }).attempt?.secret).toMatchObject({
    name: 'my-super-secret',
    arn: `${secretId}-AbC123`,
    sent: secretId,
  });
  const other = [{ ARN: secretId.replace('my-super', 'other') }];
  expect(read({ requestParameters: { secretId }, resources: other }).attempt?.secret.sent).toBe(
    secretId,
  );
  expect(read({ requestParameters: { secretId }, resources: other }).attempt?.secret.name).toBe(
    'my-super',
  );
});

describe('what is no CloudTrail event is refused with the path of each fault:', () => {
  test.each([
    [
      undefined,
      'Expected an EventBridge event with a CloudTrail record as its detail; the whole: expected Object, got undefined.',
    ],
    [{ detail: {} }, 'detail-type: expected "detail-type", got undefined'],
    [{ 'detail-type': 'x', detail: { eventName: 1 } }, 'detail.eventName: expected string, got 1'],
  ])('%j', (input, message) => {
    expect(() => parseEvent(input)).toThrow(message);
  });
});
