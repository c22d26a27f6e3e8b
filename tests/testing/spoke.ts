import type { Resource, Resources } from '../../stack/cloudformation.ts';
import { spokeTemplate } from '../../stack/spoke.ts';

export const HUB_BUS_ARN =
  'arn:aws:events:eu-west-1:111122223333:event-bus/deleted-secret-notifier-dev';
export const ORGANIZATION_ID = 'o-a1b2c3d4e5';

/** Where a template is deployed. */
interface Place {
  readonly accountId: string;
  readonly region: string;
  readonly partition?: string;
}

/** A template as CloudFormation reads it. */
interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string }>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Resources;
}

/**
 * What CloudFormation makes of the spoke's template in a place: the resources whose condition holds, with what their properties
 * come to. An attribute of a resource is `ID.ATTRIBUTE`, its name `ID`.
 */
export function deployedSpoke(
  parameters: Readonly<Record<string, string>>,
  { accountId, region, partition = 'aws' }: Place,
  template: Template = spokeTemplate(),
): Readonly<Record<string, Resource>> {
  const defaults = Object.entries(template.Parameters).map(([name, one]) => [name, one.Default]);
  const values: Record<string, unknown> = {
    ...Object.fromEntries(Object.keys(template.Resources).map((id) => [id, id])),
    ...Object.fromEntries(defaults),
    ...parameters,
    'AWS::AccountId': accountId,
    'AWS::Region': region,
    'AWS::Partition': partition,
    'AWS::NoValue': undefined,
  };
  const evaluate = (value: unknown) => resolve(value, values, template.Conditions);
  const made = Object.entries(template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || evaluate(template.Conditions[Condition]),
  );
  return Object.fromEntries(made.map(([id, resource]) => [id, evaluate(resource) as Resource]));
}

type Values = Readonly<Record<string, unknown>>;

function resolve(value: unknown, values: Values, conditions: Values): unknown {
  const of = (one: unknown) => resolve(one, values, conditions);
  if (Array.isArray(value)) return value.map(of).filter((one) => one !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const [[name = '', argument] = []] = Object.entries(value);
  const list = Array.isArray(argument) ? argument : [argument];
  switch (name) {
    case 'Ref':
      return known(String(argument), values);
    case 'Fn::GetAtt':
      return list.join('.');
    case 'Fn::Sub': {
      const own = { ...values, ...(of(list[1] ?? {}) as Values) };
      return String(list[0]).replaceAll(/\$\{([^}]+)\}/g, (_, id) => String(known(id, own)));
    }
    case 'Fn::Select':
      return (of(list[1]) as unknown[])[list[0]];
    case 'Fn::Split':
      return String(of(list[1])).split(list[0]);
    case 'Fn::Equals':
      return of(list[0]) === of(list[1]);
    case 'Fn::And':
      return list.every((one) => of(one));
    case 'Fn::Not':
      return !of(list[0]);
    case 'Fn::If':
      return of(list[of(conditions[list[0]]) ? 1 : 2]);
  }
  if (name.startsWith('Fn::')) throw new Error(`Expected a function that is known, got ${name}`);
  const entries = Object.entries(value).map(([key, one]) => [key, of(one)]);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}

function known(id: string, values: Values): unknown {
  if (id in values) return values[id];
  if (id.includes('.')) return id;
  throw new Error(`Expected a parameter or a resource, got ${id}`);
}
