import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import DeletedSecretNotifier from '../../../stack/plugin.ts';
import { COMPLETE, REGION, TOPIC } from './complete-settings.ts';

const PARAMS = Object.entries(COMPLETE).map(([name, value]) => `${name}=${value}`);

const params = {
  default: { metricNamespace: 'Security' },
  production: { alertEmails: 'oncall@example.com', createTrail: true },
  staging: { ...COMPLETE, alarmName: 'Attempts in staging' },
};

/** Runs the plugin in a fake of Serverless and returns the service it leaves behind, and what it adds to the output. */
function initialize({
  command = 'package',
  stage = 'production',
  options = {},
}: {
  command?: string;
  stage?: string;
  options?: { package?: string; param?: string[]; 'aws-profile'?: string };
}) {
  const functions: Record<'notify' | 'trackDeletion' | 'summarize', Record<string, unknown>> = {
    notify: { handler: 'functions/notify.handler' },
    trackDeletion: { handler: 'functions/track-deletion.handler' },
    summarize: { handler: 'functions/summarize.handler' },
  };
  const service: { resources?: { Resources?: object; Outputs?: object } } = {
    resources: { Resources: { Mine: {} } },
  };
  const sections: Record<string, string[]> = {};
  const warnings: string[] = [];
  const serverless = {
    addServiceOutputSection(name: string, lines: string[]) {
      sections[name] = lines;
    },
    classes: { Error },
    configurationInput: { params },
    getProvider: () => ({ getStage: () => stage, getRegion: () => REGION }),
    processedInput: { commands: command.split(' '), options },
    service: Object.assign(service, {
      functions: { notify: { name: `deleted-secret-notifier-${stage}-notify` } },
      getFunction: (name: string) => functions[name as keyof typeof functions],
    }),
  };
  const log = { warning: (text: string) => void warnings.push(text) };
  const { hooks } = new DeletedSecretNotifier(serverless, options, { log });
  hooks.initialize?.();
  hooks['after:deploy:deploy']?.();
  const resources = Object.keys(service.resources?.Resources ?? {});
  return { ...functions, resources, sections, hooks, warnings };
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
      `^The settings .*:\\n- .*\\n- .*\\nAn example that works:\\n  ${example} --param="alertEmails=`,
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
  ['a command that leaves the alarm alone', { command: 'deploy function' }],
])('nothing is warned of for %s', (_, run) => {
  expect(initialize(run).warnings).toEqual([]);
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
