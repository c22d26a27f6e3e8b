import { type Resource, type Resources, ref, sub, type Value } from '../stack/cloudformation.ts';
import { DASHBOARD } from '../stack/dashboard.ts';
import { SERVICE, stackNameOf } from '../stack/names.ts';
import { defaultOf, SETTINGS, type Settings } from '../stack/settings.ts';
import { subscriptionId } from '../stack/topic.ts';
import { conditionsOf, type Expression, type Guard } from './conditions.ts';
import { stackWithFunctions } from './lambda.ts';
import { joined, merge, piecesOf, type Variant } from './merge.ts';
import {
  either,
  equals,
  INTERFACE,
  isEmpty,
  not,
  PARAMETERS,
  type ParameterName,
  RULES,
} from './parameters.ts';
import { IS_AWS_ALARM, placeholder, putIn } from './placeholders.ts';

/** Longer than what the texts of alarms have room for: stack/alarm.ts. */
const LONGEST_LOG_GROUP = 512;

/** One of two ways to set a stack up, each with settings. */
type Choice = {
  condition: string;
  expression: Expression;
  /** The choice that has to be made for it. */
  under?: string;
  yes: Partial<Settings>;
  no: Partial<Settings>;
};

const CHOICES: Choice[] = [
  {
    condition: 'HasAlertEmail',
    expression: not(isEmpty('AlertEmail')),
    yes: { alertEmails: [placeholder('AlertEmail')] },
    no: { alertTopicArn: placeholder('AlertTopicArn') },
  },
  {
    condition: 'ReadsLogGroup',
    expression: either(not(isEmpty('CloudTrailLogGroup')), equals('CreateTrail', 'true')),
    yes: { cloudTrailLogGroup: placeholder('CloudTrailLogGroup', LONGEST_LOG_GROUP) },
    no: { trailPath: 'off', classicAlarm: false },
  },
  {
    condition: 'CreatesTrail',
    expression: equals('CreateTrail', 'true'),
    under: 'ReadsLogGroup',
    yes: { createTrail: true, cloudTrailLogGroup: undefined },
    no: {},
  },
  {
    condition: 'HasOrganization',
    expression: not(isEmpty('OrganizationId')),
    yes: { organizationId: placeholder('OrganizationId') },
    no: {},
  },
  {
    condition: 'MayRestore',
    expression: not(equals('AutoCancelDeletion', 'off')),
    yes: { autoCancelDeletion: 'tagged' },
    no: {},
  },
  {
    condition: 'MayRestoreAll',
    expression: equals('AutoCancelDeletion', 'all'),
    under: 'MayRestore',
    yes: { autoCancelDeletion: 'all' },
    no: {},
  },
  {
    condition: 'AnnouncesDeletions',
    expression: equals('AnnounceDeletions', 'true'),
    yes: { announceDeletions: true },
    no: {},
  },
  {
    condition: 'HasSlackChannel',
    expression: not(isEmpty('SlackChannelId')),
    yes: {
      slackWorkspaceId: placeholder('SlackWorkspaceId'),
      slackChannelId: placeholder('SlackChannelId'),
    },
    no: {},
  },
  {
    condition: 'HasEventBus',
    expression: not(isEmpty('EventBusName')),
    yes: { eventBusName: placeholder('EventBusName') },
    no: {},
  },
];

const number = (name: ParameterName) => placeholder(name) as unknown as number;

/** What every stack has: values that only stand in the template, and what is no parameter by its default. */
const SETTINGS_OF_ALL: Settings = {
  ...(Object.fromEntries(
    Object.keys(SETTINGS).map((name) => [name, defaultOf(name as keyof Settings)]),
  ) as Settings),
  ignoredCallers: [placeholder('IgnoredCallers')],
  ownerTagKeys: [placeholder('OwnerTagKeys')],
  replacementTagKeys: [placeholder('ReplacementTagKeys')],
  maxMailsPerHour: number('MaxMailsPerHour'),
  maxDigestPauseHours: number('MaxDigestPauseHours'),
  logRetentionDays: number('LogRetentionDays'),
  alarmName: placeholder('AlarmName'),
  metricName: placeholder('MetricName'),
};

/**
 * The whole stack as one plain CloudFormation template with parameters: `stack()` for each combination of choices, merged.
 * docs/decisions/0025-plain-template.md
 */
export function plainTemplate() {
  const stage = placeholder('Stage');
  const cases = 2 ** CHOICES.length;
  const isMade = (index: number, at: number): boolean => ((index >> at) & 1) === 1;
  const holds = (choice: Choice, index: number): boolean => {
    const above = CHOICES.find(({ condition }) => condition === choice.under);
    return isMade(index, CHOICES.indexOf(choice)) && (!above || holds(above, index));
  };
  const guardOf = (choice: Choice): Guard =>
    Array.from({ length: cases }, (_, index) => index)
      .filter((index) => holds(choice, index))
      .reduce((guard, index) => guard | (1n << BigInt(index)), 0n);
  const conditions = conditionsOf(
    cases,
    Object.fromEntries(
      CHOICES.map((choice) => [
        choice.condition,
        { expression: choice.expression, guard: guardOf(choice) },
      ]),
    ),
  );

  const variant = (settings: Settings): Variant => {
    const { Resources, Outputs } = stackWithFunctions(settings, stage);
    return { Resources: inPieces(Resources), Outputs };
  };
  const build = (settings: Settings, made: ReadonlySet<string>, at: number): Variant => {
    const choice = CHOICES[at];
    if (!choice) return variant(settings);
    if (choice.under && !made.has(choice.under)) return build(settings, made, at + 1);
    const guard = conditions.named(choice.condition);
    const yes = build({ ...settings, ...choice.yes }, new Set([...made, choice.condition]), at + 1);
    const no = build({ ...settings, ...choice.no }, made, at + 1);
    return merge(conditions, guard, yes, no);
  };
  const merged = build(SETTINGS_OF_ALL, new Set(), 0);
  const { Resources, Outputs } = putIn(finish(rename(merged))) as Variant;
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Reports who still tries to read a Secrets Manager secret that is scheduled for deletion. The stack has to be called ${stackNameOf('STAGE')}, such as ${stackNameOf('prod')}: the names of its parts and the commands of ${SERVICE} follow from that.`,
    Metadata: INTERFACE,
    Parameters: PARAMETERS,
    Rules: RULES,
    Conditions: {
      ...conditions.expressions(namesUsed({ Resources, Outputs })),
      [IS_AWS_ALARM]: equals('AlarmName', SETTINGS.alarmName.default),
    },
    Resources,
    Outputs,
  };
}

/** The names of conditions in resources, outputs and functions. */
function namesUsed(template: Variant): Set<string> {
  const entries = [...Object.values(template.Resources), ...Object.values(template.Outputs)];
  const functions = JSON.stringify(template).matchAll(/"Fn::If":\["(\w+)"/g);
  return new Set([
    ...entries.flatMap(({ Condition }) => Condition ?? []),
    ...[...functions].flatMap(([, name = '']) => (name === IS_AWS_ALARM ? [] : [name])),
  ]);
}

/** With the long text of the dashboard in pieces, so that what is the same in all of them stands there once. */
const inPieces = (resources: Resources): Resources =>
  mapResource(resources, DASHBOARD, ({ Properties, ...others }) => {
    const { 'Fn::Sub': body } = Properties.DashboardBody as { 'Fn::Sub': string };
    const pieces = body.split(/(?=,\[|,\{"type"|,"\$\{|\],")/).map((piece) => sub(piece));
    return { ...others, Properties: { ...Properties, DashboardBody: joined(pieces) } };
  });

const mapResource = (
  resources: Resources,
  id: string,
  map: (resource: Resource) => Resource,
): Resources => {
  const { [id]: resource } = resources;
  return resource ? { ...resources, [id]: map(resource) } : resources;
};

/**
 * What merging leaves: pieces of a text that follow each other in every case become one, and a dependency on what may not be there
 * a reference in the metadata, because `DependsOn` takes no function, nor the name of a resource that is not made.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
 */
function finish({ Resources, Outputs }: Variant): Variant {
  const resources = Object.entries(Resources).map(([id, { DependsOn = [], ...resource }]) => {
    const always = DependsOn.filter((one) => typeof one === 'string');
    const perhaps = DependsOn.filter((one) => typeof one !== 'string');
    return [
      id,
      {
        ...resource,
        ...(always.length > 0 && { DependsOn: always }),
        ...(perhaps.length > 0 && { Metadata: { After: perhaps.map(referring) } }),
      },
    ];
  });
  const whole = mapResource(Object.fromEntries(resources), DASHBOARD, (resource) => {
    const pieces = piecesOf(resource.Properties.DashboardBody) ?? [];
    const runs: Value[] = [];
    for (const piece of pieces as Value[]) {
      const [before, text] = [textOf(runs.at(-1)), textOf(piece)];
      if (before === undefined || text === undefined) runs.push(piece);
      else runs.splice(-1, 1, sub(before + text));
    }
    return { ...resource, Properties: { ...resource.Properties, DashboardBody: joined(runs) } };
  });
  return { Resources: whole, Outputs };
}

/** The names in a function as references. */
const referring = (value: unknown): unknown => {
  const { 'Fn::If': branches } = value as { 'Fn::If'?: unknown[] };
  if (typeof value === 'string') return ref(value);
  if (!branches) return value;
  const [condition, ...values] = branches;
  return { 'Fn::If': [condition, ...values.map(referring)] };
};

const textOf = (piece: unknown): string | undefined => {
  const { 'Fn::Sub': text } = (piece ?? {}) as { 'Fn::Sub'?: unknown };
  return typeof text === 'string' ? text : undefined;
};

/** The one address is the value of a parameter, by which no logical id can be called. */
const rename = (template: Variant): Variant =>
  JSON.parse(
    JSON.stringify(template).replaceAll(
      subscriptionId(placeholder('AlertEmail')),
      'AlertSubscription',
    ),
  );
