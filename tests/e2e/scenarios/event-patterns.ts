import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { type CloudTrailRecord, eventBridgeEvent } from '../../../emulators/cloudtrail.ts';
import { resourceOf, type Template } from '../../../emulators/template.ts';
import { stackNameOf } from '../../../stack/names.ts';
import {
  deleteSecret,
  failedCreateSecret,
  failedGetSecretValue,
  getSecretValue,
  notFoundGetSecretValue,
  restoreSecret,
} from '../../testing/records.ts';
import { aws, deployed, STAGE } from '../world.ts';

const cloudFormation = new CloudFormation(aws);
const eventBridge = new EventBridgeClient(aws);

const NOTIFY = 'NotifyRule';
const TRACK_DELETION = 'TrackDeletionRule';
const SIFT_READS = 'SiftReadsRule';
const CLASHES = 'TrackDeletionClashRule';
const NONE = 'no rule';

const errorMessage = (text: string) => failedGetSecretValue({ errorMessage: text });

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf';
const ID = '0e1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b';
const IAM_USER = { type: 'IAMUser', accountId: '111122223333', userName: 'deployer' };
const V1_08 = { eventVersion: '1.08', userIdentity: IAM_USER };
const V1_09 = { eventVersion: '1.09', userIdentity: IAM_USER };
const TLS = { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256' };
const failed = { errorCode: 'AccessDenied', errorMessage: 'not authorized' };

/** What only some events have, and what may be anything in them. */
const CONSTRUCTED: [what: string, rule: string, event: object][] = [
  ['an attempt', NOTIFY, eventOf(failedGetSecretValue())],
  [
    'an attempt with the curly apostrophe of 2019',
    NOTIFY,
    eventOf(errorMessage('You can’t perform this operation because it was marked for deletion.')),
  ],
  ['an attempt with a text around it', NOTIFY, eventOf(errorMessage('x marked for deletion y'))],
  [
    'an attempt without an error code',
    NOTIFY,
    eventOf(failedGetSecretValue({ errorCode: undefined })),
  ],
  ...[
    'com.amazonaws.secretsmanager#InvalidRequestException',
    'InvalidRequestExceptionException',
  ].map((errorCode): [string, string, object] => [
    `an attempt with the error code ${errorCode}`,
    NOTIFY,
    eventOf(failedGetSecretValue({ errorCode })),
  ]),
  [
    'a refused read whose message quotes "marked for deletion"',
    NONE,
    eventOf(
      failedGetSecretValue({
        errorCode: 'AccessDenied',
        errorMessage: 'not authorized on resource: arn:aws marked for deletion:secretsmanager:x',
      }),
    ),
  ],
  [
    'an attempt by who has no identity but an account',
    NOTIFY,
    eventOf(
      failedGetSecretValue({ userIdentity: { type: 'AWSAccount', accountId: '444455556666' } }),
    ),
  ],
  ['a read', NONE, eventOf(getSecretValue())],
  ['a refused read', NONE, eventOf(failedGetSecretValue(failed))],
  ['a read of a version that is not there', NONE, eventOf(errorMessage('no such staging label'))],
  [
    'another call on a pending secret',
    NONE,
    eventOf(failedGetSecretValue({ eventName: 'TagResource' })),
  ],
  [
    'an attempt on what is not of Secrets Manager',
    NONE,
    eventOf(failedGetSecretValue({ eventSource: 'kms.amazonaws.com' })),
  ],
  [
    'an attempt as a VPC endpoint reports it again',
    NONE,
    {
      ...eventOf(failedGetSecretValue()),
      'detail-type': 'AWS VPC Endpoint Network Activity Event via CloudTrail',
    },
  ],
  ['an event of our own making', NONE, { ...eventOf(failedGetSecretValue()), source: 'custom' }],
  ['a deletion', TRACK_DELETION, eventOf(deleteSecret())],
  ['a cancelled deletion', TRACK_DELETION, eventOf(restoreSecret())],
  ['a deletion that failed', NONE, eventOf(deleteSecret(failed))],
  ['a read of what is not there', SIFT_READS, eventOf(notFoundGetSecretValue())],
  [
    'a read of a version that is not there, which the function drops',
    SIFT_READS,
    eventOf(
      notFoundGetSecretValue({
        errorMessage:
          "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
      }),
    ),
  ],
  ['a creation whose name is taken', CLASHES, eventOf(failedCreateSecret())],
  ['a creation that was refused', NONE, eventOf(failedCreateSecret(failed))],
  [
    'a creation of a name that a living secret has',
    NONE,
    eventOf(
      failedCreateSecret({
        errorCode: 'ResourceExistsException',
        errorMessage: 'The operation failed because the secret prod/db already exists.',
      }),
    ),
  ],
  ['a cancellation that failed', NONE, eventOf(restoreSecret(failed))],
];

/**
 * The records that others have published, by what of them a pattern could look at; all else is as in ours.
 * Sources: invictus-ir/aws_dataset (1.08), DataDog/stratus-red-team and panther-labs/panther-analysis (1.09). None is
 * known of a GetSecretValue that failed because the secret is marked for deletion.
 */
const RECORDED: [what: string, rule: string, fields: Record<string, unknown>][] = [
  ['a read by ARN', NONE, { ...V1_08, requestParameters: { secretId: ARN } }],
  ['a read of a version', NONE, { ...V1_08, requestParameters: { secretId: ARN, versionId: ID } }],
  ['a read over TLS 1.3', NONE, { ...V1_09, tlsDetails: TLS }],
  ['a refused read', NONE, { ...V1_09, errorCode: 'AccessDenied' }], // without a message
  ['a batch by a filter', NONE, { ...V1_09, eventName: 'BatchGetSecretValue' }],
  ['a look at a secret', NONE, { ...V1_08, eventName: 'DescribeSecret' }],
  ['a list', NONE, { ...V1_08, eventName: 'ListSecrets' }],
  ['a new value', NONE, { ...V1_08, eventName: 'PutSecretValue', readOnly: false }],
  [
    'a forced deletion',
    TRACK_DELETION,
    {
      ...V1_08,
      eventName: 'DeleteSecret',
      readOnly: false,
      requestParameters: { secretId: ARN, forceDeleteWithoutRecovery: true },
      responseElements: { aRN: ARN, name: 'prod/db', deletionDate: 'Jul 10, 2023, 12:07:59 PM' },
    },
  ],
];

/** As it is deployed: packages of others come and go in `.serverless` meanwhile. */
let template: Template;

describe('The packaged event patterns pick what they should', () => {
  beforeAll(async () => {
    await deployed();
    const { TemplateBody = '' } = await cloudFormation.getTemplate({
      StackName: stackNameOf(STAGE),
    });
    template = JSON.parse(TemplateBody);
  });

  test.each(CONSTRUCTED)('%s: %s', async (_, rule, event) => {
    expect(await matchingRule(event)).toBe(rule);
  });

  test.each(RECORDED)('as recorded, %s: %s', async (_, rule, fields) => {
    expect(await matchingRule(eventOf(getSecretValue(fields)))).toBe(rule);
  });
});

/** The rules of the template whose pattern the emulator finds in an event. */
async function matchingRule(event: object): Promise<string> {
  const matching: string[] = [];
  for (const rule of [NOTIFY, SIFT_READS, TRACK_DELETION, CLASHES]) {
    const EventPattern = JSON.stringify(resourceOf(template, rule).Properties.EventPattern);
    const Event = JSON.stringify(event);
    const { Result } = await eventBridge.send(new TestEventPatternCommand({ EventPattern, Event }));
    if (Result) matching.push(rule);
  }
  return matching.join(' and ') || NONE;
}

/** TestEventPattern takes a time in this form only. */
function eventOf(record: CloudTrailRecord) {
  return { ...eventBridgeEvent(record), time: new Date(record.eventTime).toISOString() };
}
