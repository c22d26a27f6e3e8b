import type { Resource, Resources } from '../../stack/cloudformation.ts';
import { type Template as Resolvable, resolveTemplate } from '../../stack/resolve.ts';
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
type Template = { readonly Resources: Resources } & Pick<Resolvable, 'Parameters' | 'Conditions'>;

/**
 * What CloudFormation makes of the spoke's template in a place: the resources whose condition holds, with what their properties
 * come to. An attribute of a resource is `ID.ATTRIBUTE`, its name `ID`.
 */
export function deployedSpoke(
  parameters: Readonly<Record<string, string>>,
  { accountId, region, partition = 'aws' }: Place,
  template: Template = spokeTemplate(),
): Readonly<Record<string, Resource>> {
  const place = {
    'AWS::AccountId': accountId,
    'AWS::Region': region,
    'AWS::Partition': partition,
  };
  const { Resources } = resolveTemplate(template, { ...parameters, ...place }, 'spoke');
  return named(Resources, Object.keys(template.Resources)) as Readonly<Record<string, Resource>>;
}

/** With what is left of references to resources as text. @throws Error for a reference to none of these */
function named(value: unknown, ids: readonly string[]): unknown {
  const nameOf = (text: string) => {
    if (ids.includes(text.split('.')[0] ?? '')) return text;
    throw new Error(`Expected a parameter or a resource, got ${text}`);
  };
  if (Array.isArray(value)) return value.map((one) => named(one, ids));
  if (typeof value !== 'object' || value === null) return value;
  const [[name = '', argument] = []] = Object.entries(value);
  if (name === 'Ref') return nameOf(argument);
  if (name === 'Fn::GetAtt') return nameOf(argument.join('.'));
  if (name === 'Fn::Sub') {
    return argument.replaceAll(/\$\{([^}]+)\}/g, (_: string, id: string) => nameOf(id));
  }
  if (name.startsWith('Fn::')) throw new Error(`Expected a function that is known, got ${name}`);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, named(one, ids)]));
}
