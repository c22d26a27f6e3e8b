import { createReaders } from '../../cli/readers/readers.ts';
import { readsIn, secretFinder } from '../../cli/readers/reads.ts';
import { type Survey, survey, windowOf } from '../../cli/readers/survey.ts';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Secret } from '../../lib/deletion/describe.ts';
import { addDays, HOUR_MS } from '../../lib/time.ts';
import { arnOf } from './history.ts';

/** When the examples are looked at. */
export const NOW = new Date('2026-11-22T17:05:00Z');

export const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR_MS);

export interface Asked {
  readonly secrets: readonly (Partial<Secret> & { readonly name: string })[];
  readonly records?: readonly object[];
  readonly days?: number;
  readonly profile?: string;
  /** Default: of all. */
  readonly isOfAll?: boolean;
}

/** What is found out of secrets, made a year ago unless said otherwise, from these records. */
export function surveyOf({
  secrets,
  records = [],
  days = 90,
  profile,
  isOfAll = true,
}: Asked): Survey {
  const window = windowOf(days, NOW);
  const asked = secrets.map((given) => {
    const arn = arnOf(given.name);
    const secret = { arn, createdDate: addDays(NOW, -365), tags: {}, ...given };
    return { secret, id: identifySecret(arn, {}) };
  });
  const readers = createReaders(window, () => undefined);
  const find = secretFinder(asked.map(({ id }) => id));
  for (const record of records) readers.add(readsIn(JSON.stringify(record), find));
  const scope = { accountId: ACCOUNT, region: REGION, window, days, profile, isOfAll };
  return survey(asked, readers, scope);
}
