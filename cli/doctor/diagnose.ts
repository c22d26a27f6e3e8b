import { stackNameOf } from '../../stack/names.ts';
import type { withProgress } from '../progress.ts';
import { type Check, checksOf } from './checks.ts';
import { judgeStack } from './judge/stack.ts';
import type { Clients } from './read/clients.ts';
import { readStack } from './read/stack.ts';
import type { Stack } from './stack.ts';
import { notRead, UnreadableError } from './unreadable.ts';
import type { Result } from './verdict.ts';

/** Shows how far a run is: {@link withProgress}, or nothing. */
type Progress = typeof withProgress;

export interface Diagnosis {
  readonly stack: string;
  readonly region: string;
  /** `undefined` if the stack could not be found. */
  readonly account: string | undefined;
  readonly results: readonly Result[];
}

/**
 * Asks AWS whether an alert would arrive. Without a stack there is nothing else to ask.
 * @throws whatever the SDK throws if AWS does not answer, or the credentials are no good.
 */
export async function diagnose(
  clients: Clients,
  stage: string,
  now: Date,
  progress: Progress,
): Promise<Diagnosis> {
  const name = stackNameOf(stage);
  const region = await clients.cloudFormation.config.region();
  let stack: Stack | undefined;
  const first = await progress('Finding the stack', 1, () =>
    settle('stack', async () => {
      stack = await readStack(clients.cloudFormation, name, stage);
      return judgeStack(stack, { name, region, stage });
    }),
  );
  const others = stack ? await runAll(checksOf(clients, stack, now), progress) : [];
  return { stack: name, region, account: stack?.account, results: [first, ...others] };
}

function runAll(checks: Record<string, Check>, progress: Progress): Promise<Result[]> {
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

/** What cannot be read is unknown, never good. */
async function settle(check: string, run: Check): Promise<Result> {
  try {
    return { check, ...(await run()) };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { check, ...notRead(error) };
  }
}

/** Whether an alert would arrive, as far as that can be told: a warning is no reason to doubt it, the unknown is. */
export const isHealthy = ({ results }: Diagnosis) =>
  results.every(({ verdict }) => verdict === 'ok' || verdict === 'warn');
