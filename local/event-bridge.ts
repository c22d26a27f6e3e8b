import type { EventBridgeEvent } from './cloudtrail.ts';
import { matches } from './event-pattern.ts';
import type { Resource } from './template.ts';

/**
 * Whether a rule of a template hands an event to its targets. A rule that is merely `ENABLED` never sees an
 * event of a call that only reads.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export function ruleMatches({ Properties: rule }: Resource, event: EventBridgeEvent): boolean {
  const seesAll = rule.State === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  const sees = seesAll || (rule.State === 'ENABLED' && !event.detail.readOnly);
  return sees && matches(rule.EventPattern, event);
}
