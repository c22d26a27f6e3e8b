import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientSettings } from '../../../emulators/client.ts';
import { ServiceError, serve } from '../../../emulators/service.ts';
import type { FunctionKey } from '../../../lib/settings.ts';
import type { Resources } from '../../../stack/cloudformation.ts';
import DeletedSecretNotifier from '../../../stack/plugin.ts';
import { CHAT, COMPLETE, REGION, TOPIC } from './complete-settings.ts';

const PARAMS = Object.entries(COMPLETE).map(([name, value]) => `${name}=${value}`);

const params = {
  default: { metricNamespace: 'Security' },
  production: { alertEmails: 'oncall@example.com', createTrail: true },
  staging: { ...COMPLETE, alarmName: 'Attempts in staging' },
};

/**
 * The frameworks that run the plugin, which differ in how a client of AWS gets its credentials: version 4 has no
 * `getAwsSdkV3Config`, and osls has a `getCredentials` that throws.
 * https://github.com/oss-serverless/osls/blob/4.x/lib/plugins/aws/provider.js
 * https://github.com/serverless/serverless/blob/main/packages/serverless/lib/plugins/aws/provider.js
 */
const FRAMEWORKS = ['osls', 'v4'] as const;

/** Runs the plugin in a fake of Serverless and returns the service it leaves behind, and what it adds to the output. */
function initialize({
  framework = 'osls',
  command = 'package',
  stage = 'production',
  options = {},
  endpoint = '',
  packaged = {},
}: {
  framework?: (typeof FRAMEWORKS)[number];
  command?: string;
  stage?: string;
  options?: { package?: string; param?: string[]; 'aws-profile'?: string };
  /** Where CloudWatch Logs answers. */
  endpoint?: string;
  /** The resources of what was packaged before, as Serverless reads them. */
  packaged?: Resources;
}) {
  const functions: Record<FunctionKey, Record<string, unknown>> = {
    notify: { handler: 'functions/notify.handler' },
    trackDeletion: { handler: 'functions/track-deletion.handler' },
    summarize: { handler: 'functions/summarize.handler' },
    readTrail: { handler: 'functions/read-trail.handler' },
    siftReads: { handler: 'functions/sift-reads.handler' },
    chat: { handler: 'functions/chat.handler' },
    bus: { handler: 'functions/bus.handler' },
    buttons: { handler: 'functions/buttons.handler' },
  };
  const service: { build?: unknown; resources?: { Resources?: Resources; Outputs?: object } } = {
    resources: { Resources: { Mine: { Type: 'AWS::SNS::Topic', Properties: {} }, ...packaged } },
  };
  const sections: Record<string, string[]> = {};
  const warnings: string[] = [];
  const { region, credentials, ...settings } = clientSettings(endpoint, 'deployer');
  const provider = { getStage: () => stage, getRegion: () => REGION };
  const providers = {
    osls: {
      ...provider,
      getAwsSdkV3Config: async () => ({ region, credentials, ...settings, maxAttempts: 1 }),
      getCredentials: () => Promise.reject(new Error('AWS_SDK_V2_SURFACE_REMOVED')),
    },
    v4: {
      ...provider,
      async getCredentials() {
        process.env.AWS_ENDPOINT_URL = endpoint; // of which the framework knows nothing
        return credentials;
      },
    },
  };
  const serverless = {
    addServiceOutputSection(name: string, lines: string[]) {
      sections[name] = lines;
    },
    classes: { Error },
    configurationInput: { params },
    getProvider: () => providers[framework],
    processedInput: { commands: command.split(' '), options },
    service: Object.assign(service, {
      functions: Object.fromEntries(
        ['notify', 'read-trail'].map((name) => [
          name.replace('-t', 'T'),
          { name: `deleted-secret-notifier-${stage}-${name}` },
        ]),
      ),
      getFunction: (name: string) => functions[name as keyof typeof functions],
    }),
  };
  const log = { warning: (text: string) => void warnings.push(text) };
  const { hooks } = new DeletedSecretNotifier(serverless, options, { log });
  hooks.initialize?.();
  hooks['after:deploy:deploy']?.();
  const resources = Object.keys(service.resources?.Resources ?? {});
  const kept = Object.keys(serverless.service.functions);
  return { ...functions, resources, sections, hooks, warnings, kept, build: service.build };
}

test.each([
  ['package', {}],
  ['package', { package: 'out' }],
  ['deploy', {}],
])('%s %j adds the stack to the service', (command, options) => {
  const { notify, trackDeletion, summarize, resources } = initialize({ command, options });
  expect(resources).toEqual(expect.arrayContaining(['Mine', 'AlertTopic', 'NotifyRule', 'Trail']));
  expect(notify).toMatchObject({
    handler: 'functions/notify.handler',
    role: { 'Fn::Sub': '${NotifyRole.Arn}' },
    logRetentionInDays: 30,
    environment: { ALERT_TOPIC_ARN: { Ref: 'AlertTopic' } },
  });
  expect(trackDeletion).toMatchObject({
    handler: 'functions/track-deletion.handler',
    role: { 'Fn::Sub': '${TrackDeletionRole.Arn}' },
  });
  expect(summarize).toMatchObject({
    handler: 'functions/summarize.handler',
    role: { 'Fn::Sub': '${SummarizeRole.Arn}' },
  });
});

test.each(FRAMEWORKS)('%s leaves the bundling to serverless-esbuild', (framework) => {
  expect(initialize({ framework }).build).toEqual({ esbuild: false });
});

test('both frameworks make the same stack', () => {
  const [{ hooks: _, ...osls }, { hooks: __, ...v4 }] = FRAMEWORKS.map((framework) =>
    initialize({ framework, command: 'deploy' }),
  ) as [ReturnType<typeof initialize>, ReturnType<typeof initialize>];
  expect(v4).toEqual(osls);
});

test('deploy function leaves the deployed role alone', () => {
  const { notify } = initialize({ command: 'deploy function' });
  expect(notify).toHaveProperty('environment');
  expect(notify).not.toHaveProperty('role');
});

test.each([
  ['remove', {}],
  ['info', {}],
  ['deploy', { package: 'out' }],
])('%s %j needs no settings', (command, options) => {
  expect(initialize({ command, options, stage: 'dev' }).resources).toEqual(['Mine']);
});

test('the command line overrides the stage, which overrides the defaults', () => {
  const { notify } = initialize({
    options: {
      param: [
        'autoCancelDeletion=tagged',
        'alertEmails=',
        'alertTopicArn=arn:aws:sns:us-east-1:111122223333:t',
      ],
    },
  });
  expect(notify.environment).toMatchObject({
    ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:t',
    AUTO_CANCEL_DELETION: 'tagged',
  });
});

test('after a deployment the next steps are printed', () => {
  const options = { 'aws-profile': 'work' };
  expect(initialize({ command: 'deploy', options }).sections).toEqual({
    'next steps': [
      'Confirm the mail that AWS has sent to each new address of alertEmails.',
      'Until then nothing arrives there.',
      `Would an alert arrive? npm run -s doctor -- --stage production --region ${REGION} --profile work`,
      `Prove that it does:    npm run -s drill -- --stage production --region ${REGION} --profile work`,
    ],
  });
});

test('after that of a hub they end with its spokes', () => {
  const options = { param: ['organizationId=o-a1b2c3d4e5'] };
  const steps = initialize({ command: 'deploy', options }).sections['next steps'];
  expect(steps?.at(-1)).toBe(
    `Deploy its spokes:     npm run -s spoke -- --stage production --region ${REGION}`,
  );
});

test.each([
  ['to a topic that exists', ['alertEmails=', `alertTopicArn=${TOPIC}`], undefined],
  ['of what was packaged before', [], 'out'],
])('nobody has to confirm a deployment %s', (_, param, packaged) => {
  const { sections } = initialize({ command: 'deploy', options: { param, package: packaged } });
  expect(sections['next steps']).toHaveLength(2);
});

test('a topic in another Region than that of the deployment stops the command', () => {
  const alertTopicArn = 'arn:aws:sns:eu-west-1:111122223333:t';
  const param = ['alertEmails=', `alertTopicArn=${alertTopicArn}`];
  expect(() => initialize({ options: { param } })).toThrow(
    `- Expected \`alertTopicArn\` to be in the deployment's Region ${REGION}, got "${alertTopicArn}"\n`,
  );
});

test.each([
  ['as it was', {}, 'npx serverless deploy'],
  [
    'for the same stage, Region and profile',
    { stage: 'dev', region: REGION, 'aws-profile': 'work' },
    `npx serverless deploy --stage dev --region ${REGION} --aws-profile work`,
  ],
])('faults stop the command and come with an example for it, %s', (_, options, example) => {
  expect(() => initialize({ command: 'deploy', stage: 'dev', options })).toThrow(
    RegExp(
      `^The settings .*:\\n- .*\\n- .*\\n(?: {4}.*\\n)+An example that works:\\n  ${example} --param="alertEmails=`,
    ),
  );
});

test.each(['package', 'deploy'])(
  '%s warns of a stage that may share its alarm with another',
  (command) => {
    expect(initialize({ command }).warnings).toEqual([
      `The stage production keeps the default \`alarmName\`, AttemptsToAccessDeletedSecretsAlarm, and a Region has only one alarm of a name. If another stage in ${REGION} has it, deploy with --param="alarmName=AttemptsToAccessDeletedSecretsAlarm-production"; if none has, give it as it is, and this warning ends.`,
    ]);
  },
);

test.each([
  ['the default stage', { stage: 'dev', options: { param: PARAMS } }],
  ['an alarm whose name was given', { stage: 'staging' }],
  [
    'a stack without the alarm',
    {
      stage: 'dev',
      options: { param: [...PARAMS, 'metricNamespace=CloudTrailLogMetrics', 'classicAlarm=false'] },
    },
  ],
  ['a command that leaves the alarm alone', { command: 'deploy function' }],
])('nothing is warned of for %s', (_, run) => {
  expect(initialize(run).warnings).toEqual([]);
});

test.each([
  [
    ['classicAlarm=false', 'alarmMails=always', 'alarmName=A', 'metricName=M'],
    'Given, but without effect: `alarmMails`, `alarmName`, `metricName`, `metricNamespace` (classicAlarm=false).',
  ],
  [
    ['classicAlarm=false', 'trailPath=off', 'metricNamespace=CloudTrailLogMetrics'],
    'Given, but without effect: `cloudTrailLogGroup` (trailPath=off with classicAlarm=false).',
  ],
  [
    ['classicAlarm=false', 'trailPath=off'],
    'Given, but without effect: `metricNamespace` (classicAlarm=false); `cloudTrailLogGroup` (trailPath=off with classicAlarm=false).',
  ],
  [
    ['metricNamespace=CloudTrailLogMetrics', 'chatButtons=false', 'maxChatMessagesPerHour=30'],
    'Given, but without effect: `chatButtons`, `maxChatMessagesPerHour` (no chat).',
  ],
  [
    ['metricNamespace=CloudTrailLogMetrics', 'chatButtons=false', `chatTopicArn=${CHAT}`],
    'Given, but without effect: `chatButtons` (chatTopicArn).',
  ],
])('what has no effect is warned of in one line: %j', (param, warning) => {
  const run = { stage: 'dev', options: { param: [...PARAMS, ...param] } };
  expect(initialize(run).warnings).toEqual([warning]);
  expect(initialize({ ...run, command: 'deploy function' }).warnings).toEqual([]);
});

test.each([
  [
    ['organizationId=o-a1b2c3d4e5', 'createTrail=true'],
    [
      "The trail of `createTrail=true` logs this account alone. A spoke in another account hears reads only if a trail there logs read management events, as an organization's trail does in all accounts.",
    ],
  ],
  [['organizationId=o-a1b2c3d4e5', 'cloudTrailLogGroup=main'], []],
  [['createTrail=true'], []],
])('that the trail of a hub logs nothing for its spokes is warned of: %j', (more, warnings) => {
  const run = { stage: 'dev', options: { param: ['alertEmails=a@example.com', ...more] } };
  expect(initialize(run).warnings).toEqual(warnings);
  expect(initialize({ ...run, command: 'deploy function' }).warnings).toEqual([]);
});

test('a function that the settings leave out is not packaged', () => {
  const param = [...PARAMS, 'trailPath=off'];
  const { kept, resources } = initialize({ stage: 'dev', options: { param } });
  expect(kept).toEqual(['notify']);
  expect(resources.filter((name) => name.startsWith('ReadTrail'))).toEqual([]);
  expect(initialize({ stage: 'dev', options: { param: PARAMS } }).kept).toContain('readTrail');
});

describe('the log group of the trail', () => {
  const arnOf = (name: string) => `arn:aws:lambda:us-east-1:111122223333:function:${name}`;
  const filter = (filterName: string, destinationArn = arnOf(filterName)) => ({
    filterName,
    destinationArn,
  });
  const own = filter('own', arnOf('deleted-secret-notifier-dev-read-trail'));
  const others = ['siem', 'archive', 'audit', 'lake', 'soc'].map((name) => filter(name));
  const listed = (count: number) =>
    others.slice(0, count).map(({ filterName }) => `${filterName} (to ${arnOf(filterName)})`);

  /** Runs the check of a command where the log group has these filters, or CloudWatch Logs refuses. */
  async function check(
    subscriptionFilters: object[] | ServiceError,
    {
      command = 'deploy',
      param = [] as string[],
      packaged = undefined as Resources | undefined,
      framework = 'osls' as (typeof FRAMEWORKS)[number],
    } = {},
  ) {
    const asked: unknown[] = [];
    const warned: string[] = [];
    const logs = await serve(({ operation, request, headers }) => {
      expect(headers.authorization).toContain('Credential=deployer/');
      asked.push([operation, request]);
      if (subscriptionFilters instanceof ServiceError) throw subscriptionFilters;
      return { subscriptionFilters };
    });
    try {
      const options = packaged ? { package: 'out' } : { param: [...PARAMS, ...param] };
      const stage = 'dev';
      const { endpoint } = logs;
      const run = initialize({ framework, command, stage, options, endpoint, packaged });
      if (!packaged) await run.hooks['before:package:cleanup']?.();
      await run.hooks['before:deploy:deploy']?.();
      warned.push(...run.warnings);
    } finally {
      delete process.env.AWS_ENDPOINT_URL;
      await logs.stop();
    }
    return { asked, warned };
  }

  const WAYS_ON =
    'deploy with --param="trailPath=off", and the functions hear this Region of this account only; or free a place: docs/operations.md#no-subscription-filter-is-free';

  test('all five taken by others stop a deployment, with the filters and the ways on', async () => {
    const list = listed(5).join(', ');
    await expect(check(others)).rejects.toThrow(
      `Expected a free place for a subscription filter on the log group ${COMPLETE.cloudTrailLogGroup}, which takes 5; others have them: ${list}. To go on, ${WAYS_ON}`,
    );
  });

  test.each([2, 3, 4])('%i taken by others are warned of: AWS may allow no more', async (count) => {
    const { warned } = await check(others.slice(0, count));
    expect(warned).toEqual([
      `The log group ${COMPLETE.cloudTrailLogGroup} has ${count} subscription filters of others: ${listed(count).join(', ')}. AWS's quotas allow 5, the reference of its API 2. If the deployment fails with LimitExceeded, ${WAYS_ON}`,
    ]);
  });

  test.each<[string, object[] | ServiceError]>([
    ['none', []],
    ['one by another', others.slice(0, 1)],
    ['one by another, one by an earlier deployment', [...others.slice(0, 1), own]],
    ['four by others, the fifth by an earlier deployment', [...others.slice(0, 4), own]],
    ['what the deployer may not see', new ServiceError('AccessDeniedException', 'no')],
  ])('taken are %s: the deployment goes on', async (_, filters) => {
    expect(await check(filters)).toEqual({
      asked: [['DescribeSubscriptionFilters', { logGroupName: COMPLETE.cloudTrailLogGroup }]],
      warned: [],
    });
  });

  test('version 4 of the framework asks with its credentials', async () => {
    expect(await check([], { framework: 'v4' })).toEqual(await check([], { framework: 'osls' }));
  });

  const GONE = new ServiceError('ResourceNotFoundException', 'no');
  const filterOn = (LogGroupName: string, Type = 'AWS::Logs::SubscriptionFilter') => ({
    Type,
    Properties: { LogGroupName },
  });

  test.each([
    ['both paths', {}],
    ['the classic alarm alone', { param: ['trailPath=off'] }],
    ['the trail path alone', { param: ['classicAlarm=false'] }],
    [
      'what was packaged before',
      { packaged: { ReadTrailSubscriptionFilter: filterOn(COMPLETE.cloudTrailLogGroup) } },
    ],
  ])('one that is not there stops a deployment of %s, with what to set', async (_, run) => {
    await expect(check(GONE, run)).rejects.toThrow(
      RegExp(
        `^Expected \`cloudTrailLogGroup\` to name a log group of the account and Region of the deployment, got ${COMPLETE.cloudTrailLogGroup}, which is not there\\. Which of these\\?\\n  cloudTrailLogGroup=NAME: [^]+docs/deploy.md#which-deployment`,
      ),
    );
  });

  test('what was packaged before is stopped too where all places are taken', async () => {
    const packaged = { ReadTrailSubscriptionFilter: filterOn('main') };
    await expect(check(others, { packaged })).rejects.toThrow(
      'Expected a free place for a subscription filter on the log group main, which takes 5;',
    );
  });

  test('without the trail path no place is needed', async () => {
    expect(await check(others, { param: ['trailPath=off'] })).toMatchObject({ warned: [] });
  });

  test.each([
    ['a package is made', { command: 'package' }],
    ['nothing reads it', { param: ['trailPath=off', 'classicAlarm=false'] }],
    ['what was packaged makes it', { packaged: {} }],
    ['the stack makes the log group', { param: ['cloudTrailLogGroup=', 'createTrail=true'] }],
  ])('nothing is asked if %s', async (_, run) => {
    expect((await check(others, run)).asked).toEqual([]);
  });
});

describe('the temporary folders of serverless-esbuild', () => {
  const inAMinute = Date.now() + 60_000;
  const made = `notify-${process.pid}-${inAMinute}-0123abcd`;
  const others = [
    `notify-${process.pid}-1700000000000-0123abcd`, // of an earlier process of this number
    `notify-${process.pid + 1}-${inAMinute}-0123abcd`,
    `toString-${process.pid}-${inAMinute}-0123abcd`,
    `${made}.bak`,
  ];
  const left = () => [made, ...others].filter((name) => existsSync(join(tmpdir(), name)));

  beforeEach(async () => {
    for (const name of [made, ...others]) {
      await mkdir(join(tmpdir(), name, 'functions'), { recursive: true });
    }
  });
  afterEach(async () => {
    for (const name of [made, ...others]) {
      await rm(join(tmpdir(), name), { recursive: true, force: true });
    }
  });

  test.each(['finalize', 'error'])(
    'go at the end of the run that made them, and no others: %s',
    async (hook) => {
      const { hooks, warnings } = initialize({ stage: 'staging' });
      await hooks[hook]?.();
      expect(left()).toEqual(others);
      expect(warnings).toEqual([]);
    },
  );
});
