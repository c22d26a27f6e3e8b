import type { EventBridgeEvent } from './cloudtrail.ts';
import { matches } from './event-pattern.ts';
import { functionIds, type Resource, type Template } from './template.ts';

/** The logical ids of the functions to which the rules of a template hand an event. */
export function targetsOf(template: Template, event: EventBridgeEvent): string[] {
  const targets = Object.values(template.Resources)
    .filter((resource) => isEventRule(resource) && ruleMatches(resource, event))
    .flatMap(({ Properties }) => Properties.Targets)
    .map(({ Arn }) => Arn['Fn::GetAtt']?.[0]);
  return functionIds(template).filter((logicalId) => targets.includes(logicalId));
}

/** A rule without a pattern is a schedule. */
function isEventRule({ Type, Properties }: Resource): boolean {
  return Type === 'AWS::Events::Rule' && Properties.EventPattern !== undefined;
}

/**
 * Whether a rule of a template hands an event to its targets. A rule that is merely `ENABLED` never sees an
 * event of a call that only reads.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
function ruleMatches({ Properties: rule }: Resource, event: EventBridgeEvent): boolean {
  const seesAll = rule.State === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  const sees = seesAll || (rule.State === 'ENABLED' && !event.detail.readOnly);
  return sees && matches(rule.EventPattern, event);
}
