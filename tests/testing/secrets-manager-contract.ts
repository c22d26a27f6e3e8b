import { describeDeletion } from './secrets-manager-contract/deletion.ts';
import { describePending } from './secrets-manager-contract/pending.ts';
import {
  type ContractTarget,
  type Subject,
  subjectOf,
} from './secrets-manager-contract/subject.ts';
import { describeUsable } from './secrets-manager-contract/usable.ts';

/** Why a behaviour of the contract, by its name, is not that of a target. */
export type KnownDifferences = Readonly<Record<string, string>>;

/**
 * Describes Secrets Manager as far as this project depends on it; to be called where tests are defined. A known
 * difference is tested as one: where a target behaves as AWS after all, its test fails.
 */
export function secretsManagerContract(
  target: () => ContractTarget,
  differences: KnownDifferences = {},
): void {
  const behaviours: string[] = [];

  function behaviour(name: string, check: (secret: Subject) => Promise<void>): void {
    behaviours.push(name);
    const run = () => check(subjectOf(target()));
    const reason = differences[name];
    if (reason === undefined) test(name, run);
    else test.failing(`${name} (known to differ: ${reason})`, run);
  }

  describeUsable(behaviour);
  describePending(behaviour);
  describeDeletion(behaviour);

  test('each known difference is one from this contract', () => {
    expect(behaviours).toEqual(expect.arrayContaining(Object.keys(differences)));
  });
}
