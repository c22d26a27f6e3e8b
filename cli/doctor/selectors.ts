import type {
  AdvancedEventSelector,
  AdvancedFieldSelector,
  EventSelector,
  GetEventSelectorsCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import { SECRETS_MANAGER } from '../../lib/cloudtrail/record.ts';

type Selectors = Pick<GetEventSelectorsCommandOutput, 'EventSelectors' | 'AdvancedEventSelectors'>;

const NO_MANAGEMENT = 'logs no management events';

/** The fields of CloudTrail's record of a GetSecretValue that a selector can match. */
const READ: Readonly<Record<string, string>> = {
  eventCategory: 'Management',
  readOnly: 'true',
  eventSource: SECRETS_MANAGER,
  eventName: 'GetSecretValue',
  eventType: 'AwsApiCall',
};

/**
 * Why a trail with these selectors does not log a GetSecretValue, as the end of a sentence about it; `undefined` if it
 * does. One selector that matches is enough.
 */
export function whyNoReads(selectors: Selectors): string | undefined {
  const { EventSelectors = [], AdvancedEventSelectors = [] } = selectors;
  if (AdvancedEventSelectors.length > 0) {
    return AdvancedEventSelectors.some((one) => picks(one, READ))
      ? undefined
      : whyNotAdvanced(AdvancedEventSelectors);
  }
  const reasons = EventSelectors.map(whyNotBasic);
  if (reasons.includes(undefined)) return undefined;
  return (
    reasons.find((reason) => reason !== NO_MANAGEMENT) ?? reasons[0] ?? 'has no event selectors'
  );
}

/** Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html */
function whyNotBasic(selector: EventSelector): string | undefined {
  if (selector.IncludeManagementEvents === false) return NO_MANAGEMENT;
  if (selector.ReadWriteType === 'WriteOnly') return 'logs write events only';
  if (selector.ExcludeManagementEventSources?.includes(SECRETS_MANAGER))
    return 'excludes Secrets Manager';
  return undefined;
}

function whyNotAdvanced(selectors: readonly AdvancedEventSelector[]): string {
  const some = (changed: Record<string, string>) =>
    selectors.some((one) => picks(one, { ...READ, ...changed }));
  if (some({ readOnly: 'false' })) return 'logs write events only';
  if (some({ eventSource: 'sts.amazonaws.com' })) return 'excludes Secrets Manager';
  return 'logs no management events of Secrets Manager';
}

/** Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html */
const picks = (selector: AdvancedEventSelector, event: Readonly<Record<string, string>>) =>
  selector.FieldSelectors?.every((one) => holds(one, event[one.Field ?? ''])) ?? false;

/** A field that the record lacks never matches. */
function holds(selector: AdvancedFieldSelector, value: string | undefined): boolean {
  if (value === undefined) return false;
  const { Equals = [], StartsWith = [], EndsWith = [] } = selector;
  const { NotEquals = [], NotStartsWith = [], NotEndsWith = [] } = selector;
  const is = (equal: string[], start: string[], end: string[]) =>
    equal.includes(value) ||
    start.some((one) => value.startsWith(one)) ||
    end.some((one) => value.endsWith(one));
  const isWanted = Equals.length + StartsWith.length + EndsWith.length > 0;
  return (
    (!isWanted || is(Equals, StartsWith, EndsWith)) && !is(NotEquals, NotStartsWith, NotEndsWith)
  );
}

/** The most that AWS accepts: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html */
const MOST_SELECTORS = 5;

/**
 * The options of `aws cloudtrail put-event-selectors` that make a trail log the reads as well. What its management events
 * exclude stays excluded, except Secrets Manager: with every use of a key, or every statement of a database, the trail
 * would cost many times as much.
 */
export function withReads({
  EventSelectors = [],
  AdvancedEventSelectors = [],
}: Selectors): string[] {
  return AdvancedEventSelectors.length > 0
    ? ['--advanced-event-selectors', JSON.stringify(withAdvancedReads(AdvancedEventSelectors))]
    : ['--event-selectors', JSON.stringify(withBasicReads(EventSelectors))];
}

function withBasicReads(selectors: readonly EventSelector[]): EventSelector[] {
  const isOfManagement = (one: EventSelector) => one.IncludeManagementEvents !== false;
  if (selectors.length >= MOST_SELECTORS) {
    // An existing one is extended, and keeps its data events.
    const index = Math.max(0, selectors.findIndex(isOfManagement));
    const one = selectors[index];
    const ReadWriteType = one?.ReadWriteType === 'WriteOnly' ? 'All' : one?.ReadWriteType;
    return selectors.with(index, { ...one, IncludeManagementEvents: true, ReadWriteType });
  }
  const excluded = selectors
    .filter(isOfManagement)
    .flatMap(({ ExcludeManagementEventSources = [] }) => ExcludeManagementEventSources);
  const left = without(excluded);
  const reads = {
    ReadWriteType: 'ReadOnly',
    IncludeManagementEvents: true,
    ...(left.length > 0 && { ExcludeManagementEventSources: left }),
  } as const;
  return [...selectors, reads];
}

/** These event sources without Secrets Manager, each once. */
const without = (sources: readonly string[]) =>
  [...new Set(sources)].filter((source) => source !== SECRETS_MANAGER);

function withAdvancedReads(selectors: readonly AdvancedEventSelector[]): AdvancedEventSelector[] {
  const sources = selectors
    .map(({ FieldSelectors = [] }) => FieldSelectors)
    .filter((fields) =>
      fields.some(
        ({ Field, Equals }) => Field === 'eventCategory' && Equals?.includes('Management'),
      ),
    )
    .flatMap((fields) => fields.filter(({ Field }) => Field === 'eventSource'));
  const left = without(sources.flatMap(({ NotEquals = [] }) => NotEquals));
  const fields = [
    { Field: 'eventCategory', Equals: ['Management'] },
    { Field: 'readOnly', Equals: ['true'] },
    ...(left.length > 0 ? [{ Field: 'eventSource', NotEquals: left }] : []),
  ];
  return [...selectors, { Name: 'Read management events', FieldSelectors: fields }];
}
