import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { STS } from '@aws-sdk/client-sts';
import { InvalidArgumentError, Option } from 'commander';
import type { Place } from '../../lib/aws/spokes.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { DRILL_PREFIX } from '../../lib/drill.ts';
import { NotifierError } from '../../lib/errors.ts';
import { CHANNELS, type Channel } from '../../lib/notice/channel.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import type { AwsSettings } from '../aws-settings.ts';
import { interruption } from '../interruption.ts';
import { print, printJson, printNote } from '../print.ts';
import { runTasks } from '../progress.ts';
import {
  CHANNEL_OUTPUTS,
  findStack,
  type ServiceOptions,
  type Stack,
  serviceCommand,
} from '../service.ts';
import type { PathName } from './paths.ts';
import { NEXT_AT_HUB, placeElsewhere, sidesOf, toAccount } from './place.ts';
import { hasPassed, reportJson, reportText } from './report.ts';
import { type DrillPorts, drill } from './run.ts';
import {
  createDrillSecret,
  deletedDateOf,
  isNameTaken,
  isRefused,
  leftovers,
  removeSecret,
  scheduleDeletion,
} from './secrets.ts';
import { alarmState, ruleState, spokeRuleState, tracesOf } from './state.ts';

interface Options extends ServiceOptions {
  account?: string;
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
  name: ['name'],
  all: ALL,
  both: ALL,
} as const;

/** What each path takes: the output that shows it, what the stack lacks without it, and the settings without and with it. */
const NEEDS = {
  event: {
    output: 'HubBusArn',
    what: 'an event bus for spokes',
    settings: ['organizationId=', 'organizationId=o-…'],
    other: 'trail',
  },
  trail: {
    output: 'ReadTrailFunctionName',
    what: 'the trail path',
    settings: ['trailPath=off', 'trailPath=all'],
    other: 'event',
  },
  alarm: {
    output: 'AlarmName',
    what: 'the classic alarm',
    settings: ['classicAlarm=false', 'classicAlarm=true'],
    other: 'event',
  },
  name: {
    output: 'TrackClashesRuleName',
    what: 'a rule on names that are taken',
    settings: ['watchNameClashes=false', 'watchNameClashes=true'],
    other: 'event',
  },
} as const;

export const drillCommand = serviceCommand('drill')
  .description(
    'Creates a throwaway secret, schedules its deletion, tries to read it, or to create another of its name, and waits until each path has brought it, and each channel of the stack has sent its alert: in this account and Region, or in another.',
  )
  .addOption(
    new Option(
      '--path <path>',
      'which path to wait for; all: those of a read that are deployed; name: of a creation whose name is taken',
    )
      .choices(Object.keys(PATHS))
      .default('all'),
  )
  .addOption(
    new Option('--timeout <minutes>', 'how long to wait for an answer')
      .argParser(toMilliseconds)
      .default(15 * MINUTE_MS, '15'),
  )
  .option(
    '--account <id>',
    "drill in this account, from which a spoke or a trail brings it: --region and --profile are then that account's, not the stack's, which --stage and the environment name (AWS_PROFILE, AWS_REGION)",
    toAccount,
  )
  .option('--json', 'print one JSON object instead')
  .addHelpText(
    'after',
    '\nElsewhere: AWS_PROFILE=hub AWS_REGION=eu-central-1 npm run -s drill -- --account 444455556666 --region us-east-1 --profile there\nExit code: 0, or 1 if a path has not answered or a channel has not sent, 2 for wrong use, 130 if interrupted by Ctrl-C.\nThe secret is removed in any case.',
  )
  .action(run);

async function run({ stage, path, timeout, json = false, ...options }: Options): Promise<void> {
  const signal = interruption();
  const name = `${DRILL_PREFIX}${randomUUID().slice(0, 8)}`;
  try {
    const { hub, there } = await sidesOf(options);
    const next = options.account ? NEXT_AT_HUB : undefined;
    const stack = await findStack(new CloudFormation(hub), stage, next);
    const place = options.account
      ? await placeElsewhere({ ...there, accountId: options.account }, stack, new STS(there))
      : undefined;
    const paths = pathsOf(path, stack, place);
    const functions = functionsOf(stack);
    const channels = Object.keys(functions) as Channel[];
    const ports = portsOf(hub, there, stack, {
      ...{ stage, name, place, channels, isSilent: json, signal },
      kind: path === 'name' ? 'clash' : 'attempt',
    });
    const result = await drill({ name, paths, channels, timeout }, ports);
    const target = { stage, functions, eventBusName: stack.findOutput('EventBusName'), ...hub };
    if (json) printJson(reportJson(result, place));
    else print(reportText(result, target, place && { stage, ...there, ...place }));
    if (!hasPassed(result)) process.exitCode = 1;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    printNote('Interrupted. No secret of the drill is left.');
  }
}

/** The names of the functions of the channels that the stack has. */
const functionsOf = (stack: Stack): Partial<Record<Channel, string>> =>
  Object.fromEntries(
    CHANNELS.flatMap((channel) => {
      const name = stack.findOutput(CHANNEL_OUTPUTS[channel]);
      return name ? [[channel, name]] : [];
    }),
  );

/**
 * The paths to wait for, of those that the stack has.
 * @param place where the secret is, if elsewhere
 * @throws NotifierError `INVALID_OPTIONS` for the alarm elsewhere, `NO_STACK` if it has none of them.
 */
function pathsOf(path: Options['path'], stack: Stack, place?: Place): readonly PathName[] {
  if (path === 'alarm' && place) {
    const next = 'leave --account out: the alarm counts what the log group at the hub holds';
    throw new NotifierError(
      'INVALID_OPTIONS',
      `Expected --path event, trail or name elsewhere, got alarm; ${next}`,
    );
  }
  const deploys = (one: PathName) => stack.findOutput(NEEDS[one].output) !== undefined;
  const has = (one: PathName) => {
    if (one === 'event' && !place) return true;
    return !(one === 'alarm' && place) && deploys(one);
  };
  if (path === 'name' && place && !deploys('event') && !deploys('trail')) {
    const what = `Expected the stack ${stack.name} to have an event bus for spokes or the trail path, got neither`;
    const next = 'deploy with organizationId=o-… or trailPath=all, or leave --account out';
    throw new NotifierError('NO_STACK', `${what} (organizationId=, trailPath=off); ${next}`);
  }
  const paths = PATHS[path].filter(has);
  if (paths.length > 0) return paths;
  const { what, settings, other } = NEEDS[PATHS[path][0]];
  const [without, deployed] = settings;
  const next = `deploy with ${deployed}, or drill with --path ${other}`;
  throw new NotifierError(
    'NO_STACK',
    `Expected the stack ${stack.name} to have ${what}, got none (${without}); ${next}`,
  );
}

interface Drill {
  readonly stage: string;
  readonly name: string;
  /** `undefined` where the stack is. */
  readonly place: Place | undefined;
  readonly channels: readonly Channel[];
  /** What leads to its notice. */
  readonly kind: 'attempt' | 'clash';
  readonly isSilent: boolean;
  readonly signal: AbortSignal;
}

/** @param there the settings of the clients of what is where the secret is */
function portsOf(
  hub: AwsSettings,
  there: AwsSettings,
  stack: Stack,
  { stage, name, place, channels, kind, isSilent, signal }: Drill,
): DrillPorts {
  const secrets = new SecretsManager(there);
  const cloudWatch = new CloudWatch(hub);
  const eventBridge = new EventBridge(there);
  const table = { client: new DynamoDB(hub), name: stack.output('TableName') };
  const id = identifySecret(name, place ?? stack);
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
  /** A drill that is interrupted does not wait for an answer, so that its secret is removed at once. */
  const untilInterrupted =
    <Result>(run: (signal: AbortSignal) => Promise<Result>) =>
    async (late?: AbortSignal) => {
      try {
        return await run(late ? AbortSignal.any([signal, late]) : signal);
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
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
    isNameTaken: unlessInterrupted(() => isNameTaken(secrets, name, stage)),
    remove: (secretId) => removeSecret(secrets, secretId, sleep),
    ruleState: untilInterrupted((end) =>
      place
        ? spokeRuleState(eventBridge, { stage, ...there, ...place }, end)
        : ruleState(eventBridge, stack.output('NotifyRuleName'), end),
    ),
    alarm: untilInterrupted((end) => alarmState(cloudWatch, alarms, { stage, ...hub }, end)),
    traces: untilInterrupted((end) => tracesOf(table, id, channels, kind, end)),
    runTasks: (tasks) => runTasks(tasks, 'silent', isSilent),
  };
}

function toMilliseconds(value: string): number {
  const minutes = Number(value);
  if (minutes > 0 && Number.isFinite(minutes)) return minutes * MINUTE_MS;
  throw new InvalidArgumentError('Expected a number of minutes above 0, such as 15.');
}
