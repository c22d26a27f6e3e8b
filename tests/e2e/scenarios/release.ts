import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { createClients } from '../../../cli/doctor/context.ts';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import { describeStack } from '../../../cli/service.ts';
import { REGION } from '../../../emulators/client.ts';
import {
  AWS_CLI,
  createLogGroup,
  emulatorVariables,
  type Outputs,
  outputsOf,
} from '../../../emulators/emulator.ts';
import { ROOT, run } from '../../../emulators/serverless.ts';
import { stackNameOf } from '../../../stack/names.ts';
import { putOnBus } from '../bus.ts';
import { completeAccount } from '../doctor/complete.ts';
import { eventually } from '../eventually.ts';
import { lambda } from '../functions.ts';
import { useMailbox } from '../mailbox.ts';
import { attempt, createPending } from '../secrets.ts';
import { aws, EMAIL, emulator, LOG_GROUP, STAGE } from '../world.ts';

const cloudFormation = new CloudFormation(aws);
const sns = new SNSClient(aws);

/** A stage of its own. */
const RELEASED = 'released';

const { signal } = new AbortController(); // interrupted, the whole process group is killed

/** The directory of the release that `npm run release` makes of this checkout. */
async function directory(): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  return join(ROOT, 'dist', `${name}-${version}`);
}

/** The three commands of the release's README.md, with what a user puts into the places of the words in capitals. */
async function readCommands(): Promise<string[]> {
  const readme = await readFile(join(await directory(), 'README.md'), 'utf8');
  const [, block = ''] = /^## Install\n[\s\S]+?^```sh\n([\s\S]+?)^```/m.exec(readme) ?? [];
  return block
    .trim()
    .replaceAll('BUCKET', 'our-code')
    .replaceAll('STAGE', RELEASED)
    .replaceAll('REGION', REGION)
    .replaceAll('you@example.com', EMAIL)
    .replaceAll('CloudTrail/MyCloudWatchLogGroup', LOG_GROUP)
    .split('\n');
}

/** Runs a command of the AWS CLI in the release's directory. @throws Error with what it printed if it fails. */
const runThere = async (command = '') =>
  run('sh', ['-c', command], {
    cwd: await directory(),
    env: { PATH: `${dirname(AWS_CLI)}:${process.env.PATH}`, ...emulatorVariables(emulator) },
    signal,
  });

const released = (): Promise<Outputs> => outputsOf(emulator, RELEASED);

/** Another stage would report the same attempts, and the doctor say so. */
async function remove(stage: string): Promise<void> {
  const StackName = stackNameOf(stage);
  await cloudFormation.deleteStack({ StackName });
  await eventually(
    () => describeStack(cloudFormation, StackName),
    (stack) => stack === undefined,
  );
}

describe('A release, without the Serverless Framework,', () => {
  let commands: string[];
  beforeAll(async () => {
    await remove(STAGE);
    await createLogGroup(emulator, LOG_GROUP);
    await run(process.execPath, [join(ROOT, 'release/release.ts')], { env: process.env, signal });
    commands = await readCommands();
  });
  afterAll(() => remove(RELEASED));

  test('is installed by the three commands of its README.md', async () => {
    expect(commands.map((command) => command.split(' ').slice(0, 3).join(' '))).toEqual([
      'aws s3 mb',
      'aws cloudformation package',
      'aws cloudformation deploy',
    ]);
    for (const command of commands) await runThere(command);
    expect(await released()).toHaveProperty('TableName');
  });

  describe('when it is installed', () => {
    const mailbox = useMailbox(async () => (await released()).AlertTopicArn);

    test('mails an attempt', async () => {
      await createPending('prod/released');
      await putOnBus(await attempt('prod/released'));
      const { subject } = await mailbox().next();
      expect(subject).toBe(
        'WARNING: Deleted secret prod/released wanted by app-server, 7 days left',
      );
    });

    test('pleases the doctor', async () => {
      const restore = await completeAccount(await released());
      const { results } = await diagnose(
        createClients(aws),
        RELEASED,
        new Date(),
        (_title, _total, check) => check(() => undefined),
      );
      await restore();
      expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    });

    test('is updated in place, with the other parameters as they were', async () => {
      const before = await released();
      const [, , deploy = ''] = commands;
      await runThere(deploy.replace(/(--parameter-overrides) .+/, '$1 MaxDigestPauseHours=5'));
      expect(await released()).toEqual(before);
      const { SummarizeFunctionName: FunctionName, AlertTopicArn: TopicArn } = before;
      const { Environment } = await lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName }),
      );
      expect(Environment?.Variables).toMatchObject({ MAX_DIGEST_PAUSE_HOURS: '5' });
      const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      expect(Subscriptions?.map(({ Endpoint }) => Endpoint)).toContain(EMAIL);
    });
  });
});
