import type { CallerAttempts } from '../digest.ts';

/** Callers of a secret, and those for whom there is no room. */
export interface Chosen {
  /** Those with the most attempts first. */
  readonly named: readonly CallerAttempts[];
  readonly others: readonly CallerAttempts[];
}

/** Chooses at most `max` callers so that nobody can keep others from being named by making up names of sessions. */
export function chooseCallers(callers: readonly CallerAttempts[], max: number): Chosen {
  const ordered = inTurns(callers);
  return { named: ordered.slice(0, max).sort(byCount), others: ordered.slice(max) };
}

/** The callers in the order in which they are named: groups take turns, in each those with the most attempts first. */
export function inTurns(callers: readonly CallerAttempts[]): CallerAttempts[] {
  const turns = new Map<string, number>();
  return [...callers]
    .sort(byCount)
    .map((caller) => {
      const group = groupOf(caller.callerKey);
      const turn = turns.get(group) ?? 0;
      turns.set(group, turn + 1);
      return { caller, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ caller }) => caller);
}

const byCount = (a: CallerAttempts, b: CallerAttempts) => b.count - a.count;

/**
 * People whose session names one principal may choose: they share all of their key but that. Of another account's federated
 * users a record tells `444455556666:name` alone, which the key has behind the account.
 */
const CHOSEN_NAME =
  /^(?:arn:[^:]*:sts::[^:]*:(?:assumed-role\/AWSReservedSSO_[^/]*\/|federated-user\/)|(?:\d+\/)?\d+:)/;

const groupOf = (callerKey: string) => CHOSEN_NAME.exec(callerKey)?.[0] ?? callerKey;
