import { farEnd, type Severity } from '../deletion/schedule.ts';
import type { ClashNews, IncidentNotice } from './incident-notice.ts';

/** What one mail reports of secrets that could not be made because their names are of secrets scheduled for deletion. */
export interface ClashNotice {
  readonly kind: 'clash';
  readonly severity: Severity;
  /** The soonest end first. */
  readonly clashes: readonly IncidentClash[];
  readonly now: Date;
}

/** Of one secret and whoever tried to create it; `callers` and `counts`: who has tried to read it since its deletion. */
export type IncidentClash = IncidentNotice & { readonly kind: 'clash'; readonly clash: ClashNews };

/** The notice of clashes. */
export const clashNotice = (clashes: readonly IncidentClash[], now: Date): ClashNotice => ({
  kind: 'clash',
  severity: 'warning',
  clashes: clashes.toSorted((one, other) => endOf(one) - endOf(other)),
  now,
});

const endOf = ({ state }: IncidentClash): number =>
  state.state === 'pending' ? farEnd(state.schedule).getTime() : Number.POSITIVE_INFINITY;
