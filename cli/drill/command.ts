import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { InvalidArgumentError, Option } from 'commander';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { DRILL_PREFIX } from '../../lib/drill.ts';
import { NotifierError } from '../../lib/errors.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { type AwsSettings, awsSettings } from '../aws-settings.ts';
import { interruption } from '../interruption.ts';
import { print, printJson, printNote } from '../print.ts';
import { runTasks } from '../progress.ts';
import { findStack, type ServiceOptions, type Stack, serviceCommand } from '../service.ts';
import type { Answer } from './paths.ts';
import { hasPassed, reportJson, reportText } from './report.ts';
import { type DrillPorts, drill } from './run.ts';
import {
  createDrillSecret,
  deletedDateOf,
  isRefused,
  leftovers,
  removeSecret,
  scheduleDeletion,
} from './secrets.ts';
import { alarmState, ruleState, tracesOf } from './state.ts';

interface Options extends ServiceOptions {
  path: keyof typeof PATHS;
  /** In ms. */
  timeout: number;
  json?: boolean;
}

const ALL = ['event', 'trail', 'alarm'] as const;
/** `both`: of the version that knew two. */
const PATHS = {
  event: ['event'],
  trail: ['trail'],
  alarm: ['alarm'],
  all: ALL,
  both: ALL,
} as const;

/** The paths that a stack may lack: the output that shows it, and what deploys it. */
const OPTIONAL = {
  trail: { output: 'ReadTrailFunctionName', what: 'the trail path', setting: 'trailPath' },
  alarm: { output: 'AlarmName', what: 'the classic alarm', setting: 'classicAlarm' },
} as const;
const DEPLOYS = { trailPath: ['off', 'all'], classicAlarm: ['false', 'true'] } as const;

export const drillCommand = serviceCommand('drill')
  .description(
    'Creates a throwaway secret, schedules its deletion, tries to read it, and waits until each path has brought it: in this account and Region.',
  )
  .addOption(
    new Option('--path <path>', 'which path to wait for; all: those that are deployed')
      .choices(Object.keys(PATHS))
      .default('all'),
  )
  .addOption(
    new Option('--timeout <minutes>', 'how long to wait for an answer')
      .argParser(toMilliseconds)
      .default(15 * MINUTE_MS, '15'),
  )
  .option('--json', 'print one JSON object instead')
  .addHelpText(
    'after',
    '\nExit code: 0, or 1 if a path has not answered, 2 for wrong use, 130 if interrupted by Ctrl-C.\nThe secret is removed in any case.',
  )
  .action(run);

async function run({ stage, path, timeout, json = false, ...options }: Options): Promise<void> {
  const signal = interruption();
  const name = `${DRILL_PREFIX}${randomUUID().slice(0, 8)}`;
  try {
    const aws = await awsSettings(options);
    const stack = await findStack(new CloudFormation(aws), stage);
    const paths = pathsOf(path, stack);
    const ports = portsOf(aws, stack, { stage, name, isSilent: json, signal });
    const result = await drill({ name, paths, timeout }, ports);
    if (json) printJson(reportJson(result));
    else print(reportText(result, { stage, ...aws }));
    if (!hasPassed(result)) process.exitCode = 1;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    printNote('Interrupted. No secret of the drill is left.');
  }
}

/** The paths to wait for, of those that the stack has. @throws NotifierError `NO_STACK` if it has none of them. */
function pathsOf(path: Options['path'], stack: Stack): readonly Answer['path'][] {
  const has = (one: Answer['path']) => one === 'event' || stack.findOutput(OPTIONAL[one].output);
  if ((path === 'trail' || path === 'alarm') && !has(path)) {
    const { what, setting } = OPTIONAL[path];
    const [without, deployed] = DEPLOYS[setting];
    const next = `deploy with ${setting}=${deployed}, or drill with --path event`;
    throw new NotifierError(
      'NO_STACK',
      `Expected the stack ${stack.name} to have ${what}, got none (${setting}=${without}); ${next}`,
    );
  }
  return PATHS[path].filter(has);
}

interface Drill {
  readonly stage: string;
  readonly name: string;
  readonly isSilent: boolean;
  readonly signal: AbortSignal;
}

function portsOf(
  aws: AwsSettings,
  stack: Stack,
  { stage, name, isSilent, signal }: Drill,
): DrillPorts {
  const secrets = new SecretsManager(aws);
  const cloudWatch = new CloudWatch(aws);
  const eventBridge = new EventBridge(aws);
  const table = { client: new DynamoDB(aws), name: stack.output('TableName') };
  const id = identifySecret(name, stack);
  const alarms = {
    classic: stack.findOutput('AlarmName') ?? '', // not asked for without the alarm path
    mailing: stack.findOutput('UnexplainedAlarmName'),
  };
  /** An interrupted drill must not cause a mail. */
  const unlessInterrupted =
    <Result>(run: () => Promise<Result>) =>
    async () => {
      signal.throwIfAborted();
      return run();
    };
  return {
    now: () => new Date(),
    async sleep(ms) {
      // Rejects with the signal's own reason, which the timer would wrap.
      await sleep(ms, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    },
    leftovers: () => leftovers(secrets, stage),
    create: unlessInterrupted(() => createDrillSecret(secrets, name, stage)),
    schedule: () => scheduleDeletion(secrets, name),
    deletedDate: () => deletedDateOf(secrets, name),
    isRefused: unlessInterrupted(() => isRefused(secrets, name)),
    remove: (secretId) => removeSecret(secrets, secretId, sleep),
    ruleState: () => ruleState(eventBridge, stack.output('NotifyRuleName')),
    alarm: () => alarmState(cloudWatch, alarms, { stage, ...aws }),
    traces: () => tracesOf(table, id),
    runTasks: (tasks) => runTasks(tasks, 'silent', isSilent),
  };
}

function toMilliseconds(value: string): number {
  const minutes = Number(value);
  if (minutes > 0 && Number.isFinite(minutes)) return minutes * MINUTE_MS;
  throw new InvalidArgumentError('Expected a number of minutes above 0, such as 15.');
}
