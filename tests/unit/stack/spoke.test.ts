import { checkSettings } from '../../../stack/check-settings.ts';
import type { Statement } from '../../../stack/cloudformation.ts';
import { spokeNames } from '../../../stack/names.ts';
import { spokeTemplate } from '../../../stack/spoke.ts';
import { stack } from '../../../stack/stack.ts';
import { runCli } from '../../testing/cli.ts';
import { deployedSpoke, HUB_BUS_ARN, ORGANIZATION_ID } from '../../testing/spoke.ts';
import { COMPLETE, DEPLOYMENT } from './complete-settings.ts';

const HUB = { HubBusArn: HUB_BUS_ARN, OrganizationId: ORGANIZATION_ID };
const ELSEWHERE = { accountId: '444455556666', region: 'us-east-1' };

/** Without any variable: neither credentials nor a Region. */
const { stdout, stderr, code } = await runCli('spoke', ['--print'], {});
const template = JSON.parse(stdout);

/** What a resource has in another account and Region than the hub's, or elsewhere. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into properties as deep as they like
function made(id: string, parameters: Record<string, string> = {}, place = ELSEWHERE): any {
  const resource = deployedSpoke({ ...HUB, ...parameters }, place, template)[id];
  if (!resource) throw new Error(`Expected a resource ${id}`);
  return resource.Properties;
}

const statementsOf = (role: string, parameters?: Record<string, string>): Statement[] =>
  made(role, parameters).Policies[0].PolicyDocument.Statement;

test('the template is printed without credentials, alone, and without a default for the values of a hub', () => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(template).toEqual(JSON.parse(JSON.stringify(spokeTemplate())));
  const defaults = Object.entries<{ Default?: string }>(template.Parameters);
  expect(defaults.map(([name, { Default }]) => [name, Default])).toEqual([
    ['HubBusArn', undefined],
    ['OrganizationId', undefined],
    ['RestoreMode', 'off'],
    ['WatchGoneSecrets', 'true'],
    ['AlarmTopicName', ''],
  ]);
});

test('the template is small and plain: no function, nested stack, macro or transform', () => {
  const values = {
    hubBusArn: HUB_BUS_ARN,
    organizationId: ORGANIZATION_ID,
    watchGoneSecrets: true,
  };
  const written = JSON.stringify(spokeTemplate(values), null, 2);
  expect(Math.max(stdout.length, written.length)).toBeLessThanOrEqual(26 * 1024);
  expect(stdout).not.toMatch(/Transform|AWS::Lambda|AWS::CloudFormation|AWS::Include/);
  const types = Object.values<{ Type: string }>(template.Resources).map(({ Type }) => Type);
  expect([...new Set(types)].sort()).toEqual([
    'AWS::CloudWatch::Alarm',
    'AWS::Events::Rule',
    'AWS::IAM::Role',
    'AWS::SQS::Queue',
    'AWS::SQS::QueuePolicy',
  ]);
});

test('the template says what a spoke needs beside it', () => {
  expect(template.Description).toMatchInlineSnapshot(
    `"A spoke of deleted-secret-notifier: forwards to the hub who reads secrets that are scheduled for deletion, and lets it look here. A spoke hears a read only where a trail logs read management events in its account and Region, as an organization's trail of all Regions does in every account."`,
  );
  expect(Buffer.byteLength(template.Description)).toBeLessThanOrEqual(1024);
});

describe('what is forwarded', () => {
  const settings = checkSettings({ ...COMPLETE, organizationId: ORGANIZATION_ID }, DEPLOYMENT);
  const hub = stack(settings, 'dev').template.Resources;

  test.each([
    ['AttemptRule', 'Notify', 'attempts', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'],
    ['ReadRule', 'SiftReads', 'reads', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'],
    ['ChangeRule', 'TrackDeletion', 'changes', 'ENABLED'],
    ['ClashRule', 'TrackDeletionClash', 'clashes', 'ENABLED'],
  ])(
    '%s picks on the default bus what the rules of %s pick in the hub',
    (id, prefix, picks, state) => {
      const { Targets, Name, ...rule } = made(id);
      expect(Name).toBe(`deleted-secret-notifier-dev-spoke-${picks}`);
      expect(rule).not.toHaveProperty('EventBusName');
      expect(rule.State).toBe(state);
      for (const on of ['Rule', 'HubRule']) {
        expect(hub[`${prefix}${on}`]?.Properties).toMatchObject(rule);
      }
      // Whole, in one hop, by a role, and kept if it fails. Neither a transformer nor a retry policy is for a bus.
      expect(Targets).toEqual([
        {
          Id: 'hub',
          Arn: HUB_BUS_ARN,
          RoleArn: 'ForwardingRole.Arn',
          DeadLetterConfig: { Arn: 'DeadLetterQueue.Arn' },
        },
      ]);
    },
  );

  test('no read of what is not there, for which AWS bills each, if the spoke is told not to', () => {
    const { State, Description, ...rule } = made('ReadRule', { WatchGoneSecrets: 'false' });
    expect([State, Description]).toEqual(['DISABLED', 'not forwarded (WatchGoneSecrets=false)']);
    expect(made('ReadRule')).toMatchObject(rule);
    const others = ['AttemptRule', 'ChangeRule', 'ClashRule'];
    for (const id of others) {
      expect(made(id, { WatchGoneSecrets: 'false' })).toEqual(made(id));
    }
  });

  test("the forwarding role has no name of its own, is for EventBridge, and may put events on the hub's bus alone", () => {
    const { Policies, ...role } = made('ForwardingRole');
    expect(role).toEqual({
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AssumedByService',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      },
    });
    expect(Policies).toHaveLength(1);
    expect(statementsOf('ForwardingRole')).toEqual([
      { Sid: 'ForwardToHub', Effect: 'Allow', Action: 'events:PutEvents', Resource: HUB_BUS_ARN },
    ]);
  });
});

describe('what is lost', () => {
  test('is kept for 14 days, encrypted; only the rules may send it, and only over TLS', () => {
    expect(made('DeadLetterQueue')).toEqual({
      QueueName: 'deleted-secret-notifier-dev-spoke-dead-letters',
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    const { Queues, PolicyDocument } = made('DeadLetterQueuePolicy');
    expect(Queues).toEqual(['DeadLetterQueue']);
    expect(PolicyDocument.Statement).toEqual([
      ...['AttemptRule', 'ReadRule', 'ChangeRule', 'ClashRule'].map((rule) => ({
        Sid: `Allow${rule}`,
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: 'DeadLetterQueue.Arn',
        Condition: { ArnEquals: { 'aws:SourceArn': `${rule}.Arn` } },
      })),
      {
        Sid: 'DenyInsecureTransport',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: 'DeadLetterQueue.Arn',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  test('raises an alarm at the first message, which says what to do', () => {
    const { AlarmDescription, ...alarm } = made('DeadLettersAlarm');
    expect(alarm).toEqual({
      AlarmName: 'deleted-secret-notifier-dev-spoke-DeadLetters',
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'DeadLetterQueue.QueueName' }],
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
    expect(AlarmDescription).toMatchInlineSnapshot(`
"Reads of secrets that are scheduled for deletion in us-east-1 of 444455556666 may not be reported: EventBridge could not forward them to the hub in eu-west-1 of 111122223333. Nothing does so again; they are kept for 14 days.
1. Why? In a checkout: npm run -s doctor -- --spoke --stage dev --region us-east-1 --profile PROFILE
2. Who read what? aws sqs receive-message --max-number-of-messages 10 --message-attribute-names All --region us-east-1 --queue-url DeadLetterQueue shows up to ten, with ERROR_CODE.
3. Still needed? aws secretsmanager restore-secret --region us-east-1 --secret-id ID
4. Then aws sqs purge-queue --region us-east-1 --queue-url DeadLetterQueue
This alarm goes off again only once the queue was empty."
`);
  });

  test('is told to a topic of the place, if its name is given', () => {
    const given = { AlarmTopicName: 'security-alarms' };
    expect(made('DeadLettersAlarm', given).AlarmActions).toEqual([
      'arn:aws:sns:us-east-1:444455556666:security-alarms',
    ]);
  });

  // The longest Region of each partition, and the domain of its queues.
  test.each([
    ['aws', 'ap-southeast-1', 'amazonaws.com'],
    ['aws-cn', 'cn-northwest-1', 'amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'amazonaws.com'],
    ['aws-eusc', 'eusc-de-east-1', 'amazonaws.eu'],
    ['aws-iso', 'us-iso-east-1', 'c2s.ic.gov'],
    ['aws-iso-b', 'us-isob-west-1', 'sc2s.sgov.gov'],
    ['aws-iso-e', 'eu-isoe-west-1', 'cloud.adc-e.uk'],
    ['aws-iso-f', 'us-isof-south-1', 'csp.hci.ic.gov'],
  ])(
    'is described in at most 1024 characters in %s, however long the names are',
    (partition, region, domain) => {
      const stage = 's'.repeat(25);
      const HubBusArn = `arn:${partition}:events:${region}:111122223333:event-bus/deleted-secret-notifier-${stage}`;
      const { AlarmDescription } = made(
        'DeadLettersAlarm',
        { HubBusArn },
        { ...ELSEWHERE, region },
      );
      const queue = `https://sqs.${region}.${domain}/444455556666/${spokeNames(stage).deadLetterQueue}`;
      const longest = AlarmDescription.replaceAll(
        '--queue-url DeadLetterQueue',
        `--queue-url ${queue}`,
      );
      expect(longest.split(queue)).toHaveLength(3);
      expect(longest).toContain(`--stage ${stage} --region ${region} `);
      expect(longest.length).toBeLessThanOrEqual(1024);
    },
  );
});

describe('the lookup role', () => {
  test('has the Region in its name, because IAM is global, under a fixed path', () => {
    const namesOf = (region: string) => {
      const { Path, RoleName } = made('LookupRole', {}, { ...ELSEWHERE, region });
      return `${Path}${RoleName}`;
    };
    expect(['us-east-1', 'eu-west-1'].map(namesOf)).toEqual([
      '/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-us-east-1',
      '/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-eu-west-1',
    ]);
  });

  test('trusts the account of the hub, on condition of its roles and the organization, and names no role as principal', () => {
    expect(made('LookupRole').AssumeRolePolicyDocument.Statement).toEqual([
      {
        Sid: 'AssumedByHub',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'sts:AssumeRole',
        Condition: {
          ArnLike: {
            'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/deleted-secret-notifier/dev/*',
          },
          StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
        },
      },
    ]);
  });

  const SECRETS = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:*';
  const lookUp = [
    {
      Sid: 'DescribeSecrets',
      Effect: 'Allow',
      Action: 'secretsmanager:DescribeSecret',
      Resource: SECRETS,
    },
    {
      Sid: 'ListSecretsAndHistory',
      Effect: 'Allow',
      Action: ['secretsmanager:ListSecrets', 'cloudtrail:LookupEvents'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
    },
  ];
  const restore = {
    Sid: 'CancelDeletions',
    Effect: 'Allow',
    Action: 'secretsmanager:RestoreSecret',
    Resource: SECRETS,
  };
  const byNotify = { StringLike: { 'aws:userid': '*:notify' } };
  const tagged = {
    StringEquals: { 'aws:ResourceTag/deleted-secret-notifier:auto-cancel': 'true' },
  };

  test.each([
    ['off', []],
    ['tagged', [{ ...restore, Condition: { ...byNotify, ...tagged } }]],
    ['all', [{ ...restore, Condition: byNotify }]],
  ])('with RestoreMode=%s allows this and no more, in its own Region', (RestoreMode, more) => {
    expect(statementsOf('LookupRole', { RestoreMode })).toEqual([...lookUp, ...more]);
    expect(made('LookupRole', { RestoreMode }).Policies).toHaveLength(1);
  });

  test('may restore nothing unless the parameter says so', () => {
    expect(statementsOf('LookupRole')).toEqual(lookUp);
  });
});

test.each(['off', 'tagged', 'all'])("no role may read a secret's value: %s", (RestoreMode) => {
  const actions = ['ForwardingRole', 'LookupRole'].flatMap((role) =>
    statementsOf(role, { RestoreMode }).flatMap(({ Action }) => Action),
  );
  expect(actions.filter((action) => /GetSecretValue|BatchGet|\*/.test(action))).toEqual([]);
});

test.each([
  ['another account and Region', '444455556666', 'us-east-1', true],
  ["another account, the hub's Region", '444455556666', 'eu-west-1', true],
  ["the hub's account, another Region", '111122223333', 'us-east-1', true],
  ["the hub's own account and Region", '111122223333', 'eu-west-1', false],
])(
  'in %s there is the role, and the rest only where the hub does not hear',
  (_, accountId, region, isWhole) => {
    const resources = deployedSpoke(HUB, { accountId, region }, template);
    expect(Object.keys(resources)).toEqual(
      isWhole ? Object.keys(template.Resources) : ['LookupRole'],
    );
  },
);

test.each([
  ['dev', 'aws', 'eu-west-1'],
  ['prod-eu-1', 'aws-us-gov', 'us-gov-west-1'],
  ['REGION', 'aws-cn', 'cn-north-1'],
  ['s'.repeat(25), 'aws', 'ap-southeast-1'],
])('all names follow from the ARN of the bus of stage %s', (stage, partition, region) => {
  const HubBusArn = `arn:${partition}:events:${region}:111122223333:event-bus/deleted-secret-notifier-${stage}`;
  const place = { ...ELSEWHERE, region, partition };
  const resources = deployedSpoke({ ...HUB, HubBusArn }, place, template);
  const nameOf = (id: string, property: string) => resources[id]?.Properties[property];
  const { lookupRole, stackSet: _, ...names } = spokeNames(stage);
  expect({
    attemptRule: nameOf('AttemptRule', 'Name'),
    readRule: nameOf('ReadRule', 'Name'),
    changeRule: nameOf('ChangeRule', 'Name'),
    clashRule: nameOf('ClashRule', 'Name'),
    deadLetterQueue: nameOf('DeadLetterQueue', 'QueueName'),
    deadLettersAlarm: nameOf('DeadLettersAlarm', 'AlarmName'),
  }).toEqual(names);
  expect(nameOf('LookupRole', 'RoleName')).toBe(lookupRole(region));
  expect(JSON.stringify(resources)).toContain(
    `arn:${partition}:iam::111122223333:role/deleted-secret-notifier/${stage}/*`,
  );
});

test.each([
  ['HubBusArn', HUB_BUS_ARN, true],
  [
    'HubBusArn',
    'arn:aws-cn:events:cn-north-1:111122223333:event-bus/deleted-secret-notifier-a-B',
    true,
  ],
  ['HubBusArn', 'arn:aws:events:eu-west-1:111122223333:event-bus/default', false],
  ['HubBusArn', HUB_BUS_ARN.replace('event-bus', 'rule'), false],
  ['HubBusArn', HUB_BUS_ARN.replace('111122223333', '*'), false],
  ['HubBusArn', '', false],
  ['OrganizationId', ORGANIZATION_ID, true],
  ['OrganizationId', 'o-short', false],
  ['OrganizationId', '*', false],
  ['AlarmTopicName', '', true],
  ['AlarmTopicName', 'security-alarms', true],
  ['AlarmTopicName', 'arn:aws:sns:us-east-1:444455556666:alarms', false],
  ['AlarmTopicName', 'alarms.fifo', false],
])('the parameter %s takes %j: %s', (name, value, isTaken) => {
  const { AllowedPattern, ConstraintDescription } = template.Parameters[name];
  // CloudFormation has the whole value match.
  expect(new RegExp(`^(?:${AllowedPattern})$`).test(value)).toBe(isTaken);
  expect(ConstraintDescription).toMatch(/^must be /);
});
