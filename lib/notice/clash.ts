import type { Severity } from '../deletion/schedule.ts';
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
