import type { HeldBack } from '../attempt/item.ts';

/** How many attempts had no alert of their own, by reason. */
export type HeldBackCounts = Record<Exclude<HeldBack, 'ignored'>, number>;

const REASONS: Readonly<Record<keyof HeldBackCounts, string>> = {
  'quiet-window': 'in the quiet window',
  budget: 'over the budget',
  failed: 'whose alert failed',
};

const LIST = new Intl.ListFormat('en-GB');
const KINDS = Object.keys(REASONS) as (keyof HeldBackCounts)[];

export function noneHeldBack(): HeldBackCounts {
  return { 'quiet-window': 0, budget: 0, failed: 0 };
}

export function addCounts(sum: HeldBackCounts, counts: HeldBackCounts): void {
  for (const kind of KINDS) sum[kind] += counts[kind];
}

/** `450 in the quiet window and 49 over the budget`, or `in the quiet window` if there is no other reason. */
export function reasons(counts: HeldBackCounts): string {
  const kinds = KINDS.filter((kind) => counts[kind] > 0);
  const [only, ...others] = kinds;
  if (only && others.length === 0) return REASONS[only];
  return LIST.format(kinds.map((kind) => `${counts[kind]} ${REASONS[kind]}`));
}
