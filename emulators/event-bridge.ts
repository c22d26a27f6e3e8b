import { HOME } from './client.ts';
import type { EventBridgeEvent } from './cloudtrail.ts';
import type { Resource, Template } from './template.ts';

/** The logical ids of the functions to which the rules of a template send an event. */
export const targetsOf = (template: Template, event: EventBridgeEvent) =>
  targetsOfType(template, event, 'AWS::Lambda::Function');

/** The logical ids of the queues to which the rules of a template send an event. */
export const queuesOf = (template: Template, event: EventBridgeEvent) =>
  targetsOfType(template, event, 'AWS::SQS::Queue');

/**
 * Rules on the default bus send an event of the template's own account and Region, those on its bus one of any other, which a
 * spoke has forwarded.
 */
function targetsOfType(template: Template, event: EventBridgeEvent, type: string): string[] {
  const isForwarded = event.account !== HOME.accountId || event.region !== HOME.region;
  const hears = ({ Properties }: Resource) =>
    (Properties.EventBusName !== undefined) === isForwarded;
  const targets = Object.values(template.Resources)
    .filter((resource) => isEventRule(resource) && hears(resource) && ruleMatches(resource, event))
    .flatMap(({ Properties }) => Properties.Targets)
    .map(({ Arn }) => Arn['Fn::GetAtt']?.[0]);
  const isTarget = (logicalId: string) =>
    template.Resources[logicalId]?.Type === type && targets.includes(logicalId);
  return Object.keys(template.Resources).filter(isTarget);
}

/** A rule without a pattern is a schedule. */
function isEventRule({ Type, Properties }: Resource): boolean {
  return Type === 'AWS::Events::Rule' && Properties.EventPattern !== undefined;
}

/**
 * Whether a rule of a template sends an event to its targets. A rule that is merely `ENABLED` never matches the
 * event of a call that only reads.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
function ruleMatches({ Properties: rule }: Resource, event: EventBridgeEvent): boolean {
  const seesAll = rule.State === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  const sees = seesAll || (rule.State === 'ENABLED' && !event.detail.readOnly);
  return sees && matches(rule.EventPattern, event);
}

/** An EventBridge event pattern: nested fields, each ending in a list of allowed values. */
export type EventPattern = { readonly [field: string]: EventPattern | readonly unknown[] };

type Test = (value: unknown) => boolean;

/**
 * Whether an event matches a pattern as in EventBridge, for the operators that this project's rules use: exact
 * values, `wildcard` and `exists`.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @throws Error for any other operator, whatever the event: it must never seem to match, or not to match.
 */
export function matches(pattern: EventPattern, event: unknown): boolean {
  return compile(pattern)(event);
}

function compile(pattern: EventPattern): Test {
  const fields = Object.entries(pattern).map(([field, expected]): Test => {
    if (field.startsWith('$')) throw new Error(`Unknown operator in the event pattern: "${field}"`);
    const test = isList(expected) ? anyOf(expected, field) : compile(expected);
    return (value) => test(fieldOf(value, field));
  });
  return (value) => fields.every((test) => test(value));
}

function fieldOf(value: unknown, field: string): unknown {
  const isObject = typeof value === 'object' && value !== null;
  return isObject ? (value as Record<string, unknown>)[field] : undefined;
}

function isList(expected: EventPattern | readonly unknown[]): expected is readonly unknown[] {
  return Array.isArray(expected);
}

/** A field matches if it, or any element of it if it is a list, has one of the values. */
function anyOf(expected: readonly unknown[], field: string): Test {
  const tests = expected.map((one) => valueTest(one, field));
  return (value) => [value].flat().some((item) => tests.some((test) => test(item)));
}

function valueTest(expected: unknown, field: string): Test {
  if (typeof expected !== 'object' || expected === null) return (value) => value === expected;
  const [[operator, operand] = [], ...more] = Object.entries(expected);
  if (more.length === 0 && operator === 'exists' && typeof operand === 'boolean') {
    return (value) => (value !== undefined) === operand;
  }
  if (more.length === 0 && operator === 'wildcard' && typeof operand === 'string') {
    const wildcard = wildcardExpression(operand);
    return (value) => typeof value === 'string' && wildcard.test(value);
  }
  const operators = JSON.stringify(expected);
  throw new Error(`Unknown operator in the event pattern, for "${field}": ${operators}`);
}

/** `*` stands for any characters, none included; `\*` and `\\` for the characters themselves. */
function wildcardExpression(wildcard: string): RegExp {
  const source = wildcard.replace(/\\([*\\])|\*|[^*\\]+|\\/g, (part, escaped?: string) =>
    part === '*' ? '.*' : literal(escaped ?? part),
  );
  return new RegExp(`^${source}$`, 's');
}

function literal(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
