import type { SNS, Subscription } from '@aws-sdk/client-sns';
import type { Severity } from '../../lib/deletion/schedule.ts';
import { BUS, CHAT } from '../../stack/names.ts';
import { subscriptionTo } from '../../stack/notices.ts';
import { subscriptionId } from '../../stack/topic.ts';
import { collect } from '../pages.ts';
import { mailingAlarm } from './alarm.ts';
import { find, UnreadableError } from './ask.ts';
import type { Context } from './context.ts';
import { type Filter, type Message, some, takes } from './filter-policy.ts';
import { announces } from './function.ts';
import { aws } from './remedy.ts';
import { arnIn, hasClassicAlarm, type Stack, topicArn } from './stack.ts';
import { type Checks, type Finding, fail, ok, unknown, warn } from './verdict.ts';

export const subscriptionChecks = ({ clients, stack, deployed }: Context): Checks => ({
  'topic: subscriptions': async () => {
    const { lambda, sns } = clients;
    const { ownAlarmNames } = deployed;
    const subscriptions = await readSubscriptions(sns, topicArn(stack));
    const lost = await lostFrom(stack, subscriptions, deployed);
    const filters = await readFilters(sns, subscriptions.filter(isConfirmed));
    const isAnnouncing = filters.length > 0 && (await announces(lambda, stack));
    const kinds = kindsOf(stack, ownAlarmNames, isAnnouncing);
    return judgeSubscriptions(stack, { subscriptions, filters, lost, kinds });
  },
});

/** All subscriptions of a topic; none if there is no such topic. */
export async function readSubscriptions(client: SNS, TopicArn: string): Promise<Subscription[]> {
  const pages = client.paginateListSubscriptionsByTopic({ TopicArn });
  const subscriptions = collect(pages, ({ Subscriptions }) => Subscriptions);
  return (await find('sns:ListSubscriptionsByTopic', subscriptions)) ?? [];
}

/** Those of a subscription, its ARN included. */
export type SubscriptionAttributes = Readonly<Record<string, string>>;

/** The attributes of a confirmed subscription; `undefined` if it has gone. */
export async function readAttributes(
  client: SNS,
  { SubscriptionArn = '' }: Subscription,
): Promise<SubscriptionAttributes | undefined> {
  const request = client.getSubscriptionAttributes({ SubscriptionArn });
  const answer = await find('sns:GetSubscriptionAttributes', request);
  return answer && { SubscriptionArn, ...answer.Attributes };
}

/** Whether a filter policy may keep away what is published without attributes to filter by. */
export const isFiltered = ({ FilterPolicy }: SubscriptionAttributes) =>
  Object.keys(JSON.parse(FilterPolicy || '{}')).length > 0;

/** What lets a subscription through all messages. */
export const clearFilter = (stack: Stack, { SubscriptionArn }: SubscriptionAttributes) =>
  aws(stack)`sns set-subscription-attributes --subscription-arn ${SubscriptionArn}
    --attribute-name FilterPolicy --attribute-value {}`;

/**
 * The filter policies of subscriptions; none if one of them gets everything, which ends the search: a topic may have
 * thousands. One of another account cannot be read, and counts only if no other gets everything.
 */
async function readFilters(client: SNS, subscriptions: readonly Subscription[]): Promise<Filter[]> {
  const filters: Filter[] = [];
  let unreadable: UnreadableError | undefined;
  for (const { SubscriptionArn: subscriptionArn = '' } of subscriptions) {
    const request = client.getSubscriptionAttributes({ SubscriptionArn: subscriptionArn });
    try {
      const answer = await find('sns:GetSubscriptionAttributes', request);
      const { FilterPolicy, FilterPolicyScope } = answer?.Attributes ?? {};
      const policy = JSON.parse(FilterPolicy || '{}');
      if (answer && Object.keys(policy).length === 0) return [];
      if (answer) {
        filters.push({ subscriptionArn, policy, isOnBody: FilterPolicyScope === 'MessageBody' });
      }
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      unreadable = error;
    }
  }
  if (unreadable) throw unreadable;
  return filters;
}

/** The addresses of the stack's own subscriptions that are not among those of the topic. */
async function lostFrom(
  { resources }: Stack,
  subscriptions: readonly Subscription[],
  { template }: Context['deployed'],
): Promise<string[]> {
  const present = subscriptions
    .filter(({ SubscriptionArn }) => SubscriptionArn !== 'Deleted')
    .map(({ Endpoint = '' }) => Endpoint);
  const found = [...present.map(subscriptionId), ...[CHAT, BUS].map(subscriptionTo)];
  const others = Array.from(resources)
    .filter(([id, { type }]) => type === 'AWS::SNS::Subscription' && !found.includes(id))
    .map(([id]) => id);
  if (others.length === 0) return [];
  // As deployed, because a deleted one cannot be described. That of a release's parameter has an id that says nothing.
  const deployed = await template();
  return others
    .map((id) => String(deployed[id]?.Properties?.Endpoint ?? id))
    .filter((address) => !present.includes(address));
}

/** The subscriptions of the topic. */
interface Subscribers {
  readonly subscriptions: readonly Subscription[];
  /** The filter policies of those that are confirmed; empty if one of them has none. */
  readonly filters: readonly Filter[];
  /** The addresses of the stack's own subscriptions that the topic has lost. */
  readonly lost: readonly string[];
  /** The kinds of messages that somebody has to get. */
  readonly kinds: readonly Kind[];
}

/** Whether anybody gets the topic's messages: an unconfirmed subscription gets nothing. */
function judgeSubscriptions(
  stack: Stack,
  { subscriptions, filters, lost, kinds }: Subscribers,
): Finding {
  const confirmed = subscriptions.filter(isConfirmed);
  const pending = subscriptions.filter(
    ({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation',
  );
  const subscribe = (protocol = 'email', endpoint = lost[0] ?? 'ADDRESS') =>
    aws(stack)`sns subscribe --topic-arn ${topicArn(stack)} --protocol ${protocol}
      --notification-endpoint ${endpoint}`;
  const confirm = subscribe(pending[0]?.Protocol, pending[0]?.Endpoint);
  const list = pending.map((one) => one.Endpoint).join(', ');
  const again = 'follow the link in the mail of AWS, or have it sent again';
  if (confirmed.length === 0) {
    return pending.length > 0
      ? fail(`None is confirmed; pending: ${list}: ${again}.`, confirm)
      : fail('Nobody is subscribed to the topic.', subscribe());
  }
  const filtered = judgeFilters(stack, filters, kinds);
  if (filtered) return filtered;
  if (lost.length > 0) {
    const gone = `${lost.join(', ')} of the stack ${lost.length === 1 ? 'is' : 'are'} not`;
    // A mail scanner follows the link to unsubscribe, which works without signing in.
    return warn(`${confirmed.length} confirmed, but ${gone} subscribed any more.`, subscribe());
  }
  if (pending.length > 0) {
    return warn(`${confirmed.length} confirmed, but not ${list}: ${again}.`, confirm);
  }
  return ok(`${confirmed.length} confirmed`);
}

/** Whether AWS delivers to a subscription; an unconfirmed or deleted one has a word instead of an ARN. */
export const isConfirmed = ({ SubscriptionArn = '' }: Subscription) =>
  /^arn:/.test(SubscriptionArn);

/** A kind of message that the topic gets. */
interface Kind extends Message {
  readonly name: string;
  /** Whether the service is of no use to whom does not get it. */
  readonly isVital: boolean;
}

/** Alerts are plain text with attributes, the messages of alarms JSON without. */
function kindsOf(stack: Stack, ownAlarmNames: readonly string[], isAnnouncing: boolean): Kind[] {
  const { account, partition, region } = stack;
  const alarm = (AlarmName: string) => ({
    attributes: {},
    body: {
      AlarmName,
      AlarmArn: arnIn(stack, 'cloudwatch', `alarm:${AlarmName}`),
      AWSAccountId: account,
      NewStateValue: 'ALARM',
    },
  });
  // Of whatever secret and caller.
  const secret = 'some-secret';
  const caller = `arn:${partition}:iam::${account}:role/some-role`;
  const notice = (severity: Severity, action: string) => ({
    attributes: { secret, caller, account, region, severity, action },
  });
  return [
    ...(hasClassicAlarm(stack)
      ? [{ name: 'the alarm', isVital: true, ...alarm(mailingAlarm(stack)) }]
      : []),
    { name: 'critical alerts', isVital: true, ...notice('critical', 'none') },
    { name: 'warning alerts', isVital: false, ...notice('warning', 'none') },
    { name: 'notice alerts', isVital: false, ...notice('notice', 'none') },
    { name: 'digests', isVital: false, ...notice('warning', 'digest') },
    { name: 'last calls', isVital: false, ...notice('warning', 'last-call') },
    { name: 'time is up', isVital: false, ...notice('critical', 'over') },
    { name: 'resolved', isVital: false, ...notice('notice', 'resolved') },
    { name: 'gone', isVital: false, ...notice('critical', 'gone') },
    ...(isAnnouncing
      ? [{ name: 'announcements', isVital: false, ...notice('notice', 'scheduled') }]
      : []),
    ...ownAlarmNames.map((name) => ({ name: 'own alarms', isVital: false, ...alarm(name) })),
  ];
}

/** Whether some confirmed subscription takes each kind of message. @param filters those of all confirmed ones */
function judgeFilters(
  stack: Stack,
  filters: readonly Filter[],
  kinds: readonly Kind[],
): Finding | undefined {
  const [first] = filters;
  if (!first) return undefined;
  const taken = Map.groupBy(kinds, (kind) => some(filters, (filter) => takes(filter, kind)));
  const kept = taken.get(false) ?? [];
  const undecided = taken.get(undefined) ?? [];
  const clear = aws(stack)`sns set-subscription-attributes
    --subscription-arn ${first.subscriptionArn} --attribute-name FilterPolicy --attribute-value {}`;
  const what = `The filter policy of every confirmed subscription keeps away: ${namesOf(kept)}.`;
  if (kept.some(({ isVital }) => isVital)) return fail(what, clear);
  if (undecided.length > 0) {
    const show = aws(
      stack,
    )`sns get-subscription-attributes --subscription-arn ${first.subscriptionArn}`;
    return unknown(
      `Whether a filter policy lets these through is open: ${namesOf(undecided)}.`,
      show,
    );
  }
  return kept.length > 0 ? warn(what, clear) : undefined;
}

const namesOf = (kinds: readonly Kind[]) => [...new Set(kinds.map(({ name }) => name))].join(', ');
