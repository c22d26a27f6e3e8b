import type { DescribeEventBusCommandOutput, EventBridge, Rule } from '@aws-sdk/client-eventbridge';
import { DETAIL_TYPES } from '../../lib/notice/bus/event.ts';
import { SOURCE } from '../../lib/notice/bus/schema.ts';
import { BUS } from '../../stack/names.ts';
import { ask, find } from './ask.ts';
import type { Context } from './context.ts';
import { type Decision, decideForRole } from './policy.ts';
import { aws } from './remedy.ts';
import { putRolePolicy, readOwnPolicies } from './role.ts';
import { listRules, readTargets } from './rule.ts';
import { arnIn, roleArnIn, type Stack } from './stack.ts';
import { type Checks, type Finding, fail, ok, unknown, warn } from './verdict.ts';

/** Checks of the way from the function of the bus to whoever listens there. */
export function busChecks({ clients, stack, now }: Context): Checks {
  const { eventBridge, iam } = clients;
  const name = stack.outputs.get('EventBusName') ?? '';
  return {
    'bus: event bus': async () => {
      const bus = await readBus(eventBridge, name);
      if (!bus) return judgeBus(stack, name, undefined, 'undecided');
      const arn = roleArnIn(stack, BUS.role);
      const own = await readOwnPolicies(iam, arn, PUT, busArn(stack, name), {
        'events:source': SOURCE,
      });
      const decision = decideForRole(bus.Policy, { arn, own }, requestOf(stack, name, arn));
      return judgeBus(stack, name, arn, decision);
    },
    'bus: rules': async () => judgeRules(name, await readListeners(eventBridge, stack, name, now)),
  };
}

/** `undefined` if there is no such bus. */
export const readBus = (
  client: EventBridge,
  Name: string,
): Promise<DescribeEventBusCommandOutput | undefined> =>
  find('events:DescribeEventBus', client.describeEventBus({ Name }));

const PUT = 'events:PutEvents';

const busArn = (stack: Stack, name: string) => arnIn(stack, 'events', `event-bus/${name}`);

/** What the function asks of the bus, as the bus's policy sees it. */
const requestOf = (stack: Stack, name: string, roleArn: string) => ({
  action: PUT,
  resource: busArn(stack, name),
  context: {
    'events:source': SOURCE,
    'aws:securetransport': 'true',
    'aws:principalisawsservice': 'false',
    'aws:principalaccount': stack.account,
    'aws:principalarn': roleArn,
  },
});

/** Whether the function may put events on the bus. @param roleArn that of the function, `undefined` if there is no bus */
function judgeBus(
  stack: Stack,
  name: string,
  roleArn: string | undefined,
  decision: Decision,
): Finding {
  if (!roleArn) {
    return fail(
      `There is no event bus ${name} in this account and Region.`,
      aws(stack)`events create-event-bus --name ${name}`,
    );
  }
  const show = aws(stack)`events describe-event-bus --name ${name}`;
  switch (decision) {
    case 'allowed':
      return ok(`${name}, on which bus may put events`);
    case 'undecided':
      return unknown('Its policy has conditions that cannot be evaluated here.', show);
    case 'forbidden':
      return fail(`A policy forbids bus to put events on ${name}.`, show);
    case 'not allowed':
      return fail(
        `No policy lets bus put events on ${name}.`,
        putRolePolicy(stack, roleArn, 'put-events', {
          Effect: 'Allow',
          Action: PUT,
          Resource: busArn(stack, name),
        }),
      );
  }
}

/** A rule that our events match, and how many targets it has. */
interface Listener {
  readonly name: string;
  readonly targets: number;
}

/** Whether anybody listens. @param listeners the rules that match our events */
function judgeRules(name: string, listeners: readonly Listener[]): Finding {
  const heard = listeners.filter(({ targets }) => targets > 0);
  if (heard.length > 0) return ok(`sent on by ${heard.map((rule) => rule.name).join(', ')}`);
  const [deaf] = listeners;
  if (deaf) {
    return warn(
      `Nobody gets the events: ${deaf.name} matches them, but has no targets.`,
      'docs/operations.md#events-for-machines',
    );
  }
  return warn(
    `Nobody gets the events: no enabled rule on ${name} matches the source ${SOURCE}.`,
    'docs/operations.md#events-for-machines',
  );
}

/**
 * The enabled rules on the bus that match our events, whichever details they pick: EventBridge decides whether one does.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
 */
async function readListeners(
  client: EventBridge,
  stack: Stack,
  name: string,
  now: Date,
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  // One after the other: a bus may have hundreds of rules, and the calls a second are limited.
  for (const rule of (await listRules(client, name)).filter(mayListen)) {
    const { Name = '' } = rule;
    if (!(await listens(client, stack, rule, now))) continue;
    listeners.push({
      name: Name,
      targets: (await readTargets(client, { name: Name, bus: name })).length,
    });
  }
  return listeners;
}

const patternOf = ({ EventPattern }: Rule): Pattern => JSON.parse(EventPattern ?? '{}');

/** Of a pattern's fields those that do not depend on what is reported. */
interface Pattern {
  readonly source?: readonly unknown[];
  readonly 'detail-type'?: readonly unknown[];
  readonly account?: readonly unknown[];
  readonly region?: readonly unknown[];
}

/** Whether it can match at all: most rules name other sources, and need no call. */
function mayListen(rule: Rule): boolean {
  if (rule.State === 'DISABLED' || !rule.EventPattern) return false;
  const { source = [SOURCE] } = patternOf(rule);
  return source.some((one) => typeof one !== 'string' || one === SOURCE);
}

async function listens(client: EventBridge, stack: Stack, rule: Rule, now: Date): Promise<boolean> {
  const { source = [SOURCE], 'detail-type': detailType, account, region } = patternOf(rule);
  const EventPattern = JSON.stringify({ source, 'detail-type': detailType, account, region });
  for (const one of Object.values(DETAIL_TYPES)) {
    const Event = JSON.stringify(eventOf(stack, one, now));
    const test = client.testEventPattern({ EventPattern, Event });
    if ((await ask('events:TestEventPattern', test)).Result) return true;
  }
  return false;
}

/** An event as EventBridge hands it to rules, without its detail. */
const eventOf = ({ region, account }: Stack, detailType: string, now: Date) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': detailType,
  source: SOURCE,
  account,
  time: now.toISOString(),
  region,
  resources: [],
  detail: {},
});
