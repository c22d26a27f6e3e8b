import { ATTEMPT_RULE, CHANGE_RULE, CLASH_RULE, SCHEDULE } from '../../stack/functions.ts';
import {
  NOTIFY,
  SUMMARIZE,
  stackNameOf,
  TRACK_CLASHES,
  TRACK_DELETION,
} from '../../stack/names.ts';
import type { withProgress } from '../progress.ts';
import { alarmChecks, ownAlarmChecks } from './alarm.ts';
import { notRead, UnreadableError } from './ask.ts';
import { channelChecks } from './channels.ts';
import { type Clients, type Context, contextOf } from './context.ts';
import { coverageChecks } from './coverage.ts';
import { duplicateChecks } from './duplicates.ts';
import { functionChecks } from './function.ts';
import { hubChecks } from './hub.ts';
import { logChecks, metricFilterChecks } from './logs.ts';
import { readsChecks } from './reads.ts';
import { ruleChecks } from './rule.ts';
import { spokesChecks } from './spokes.ts';
import { hasClassicAlarm, judgeStack, readStack, type Stack, watchedBy } from './stack.ts';
import { storageChecks } from './storage.ts';
import { subscriptionChecks } from './subscriptions.ts';
import { topicChecks } from './topic.ts';
import { trailChecks } from './trail.ts';
import { trailPathChecks } from './trail-path.ts';
import { type Check, type Checks, ok, type Result } from './verdict.ts';

/** Shows the progress of a run: {@link withProgress}, or nothing. */
export type Progress = typeof withProgress;

export interface Diagnosis {
  readonly stack: string;
  readonly region: string;
  /** `undefined` if the stack could not be found. */
  readonly account: string | undefined;
  readonly results: readonly Result[];
}

/**
 * Checks whether an alert would arrive. Without a stack that is the only check.
 * @param profile the AWS profile of the clients, for the commands of remedies
 * @throws whatever the SDK throws if AWS does not answer, or the credentials are invalid.
 */
export async function diagnose(
  clients: Clients,
  stage: string,
  now: Date,
  progress: Progress,
  profile?: string,
): Promise<Diagnosis> {
  const name = stackNameOf(stage);
  const region = await clients.cloudFormation.config.region();
  let stack: Stack | undefined;
  const first = await progress('Finding the stack', 1, () =>
    settle('stack', async () => {
      stack = await readStack(clients.cloudFormation, name, { stage, profile });
      return judgeStack(stack, { name, region, stage, profile });
    }),
  );
  const others = stack ? await runAll(checksOf(contextOf(clients, stack, now)), progress) : [];
  return { stack: name, region, account: stack?.account, results: [first, ...others] };
}

/** Runs all checks at a time; what cannot be read is unknown, never ok. */
export function runAll(checks: Checks, progress: Progress): Promise<Result[]> {
  const entries = Object.entries(checks);
  return progress('Checking', entries.length, (advance) =>
    Promise.all(
      entries.map(async ([name, check]) => {
        const result = await settle(name, check);
        advance();
        return result;
      }),
    ),
  );
}

/** Every check that decides whether an alert would arrive, in the order of an event's route. */
const checksOf = (context: Context): Checks => ({
  ...trailChecks(context),
  ...coverageChecks(context),
  ...ruleChecks(context, NOTIFY, ATTEMPT_RULE),
  ...functionChecks(context, NOTIFY),
  ...readsChecks(context),
  ...ruleChecks(context, TRACK_DELETION, CHANGE_RULE),
  ...(watchedBy(context.stack).watchNameClashes
    ? ruleChecks(context, TRACK_CLASHES, CLASH_RULE)
    : { 'name clashes': async () => NO_CLASHES }),
  ...functionChecks(context, TRACK_DELETION),
  ...ruleChecks(context, SUMMARIZE, SCHEDULE),
  ...functionChecks(context, SUMMARIZE),
  ...hubChecks(context),
  ...spokesChecks(context),
  ...trailPathChecks(context),
  ...logChecks(context),
  ...(hasClassicAlarm(context.stack)
    ? { ...metricFilterChecks(context), ...alarmChecks(context) }
    : { 'classic alarm': async () => NO_ALARM }),
  ...subscriptionChecks(context),
  ...topicChecks(context),
  ...channelChecks(context),
  ...storageChecks(context),
  ...ownAlarmChecks(context),
  ...duplicateChecks(context),
});

const NO_ALARM = ok('not deployed (classicAlarm=false): what the functions miss nothing reports');

const NO_CLASHES = ok('not watched (watchNameClashes=false)');

/** What cannot be read is unknown, never ok. */
async function settle(check: string, run: Check): Promise<Result> {
  try {
    return { check, ...(await run()) };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { check, ...notRead(error) };
  }
}
