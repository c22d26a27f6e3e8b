import type { Variant } from '../../../release/merge.ts';
import type { Resource, Resources } from '../../../stack/cloudformation.ts';
import { resolveTemplate, type Template } from '../../../stack/resolve.ts';

/**
 * A stack as a release has it: the subscription is of a parameter's address, and two alarms name no log group, because its name may be
 * too long for their texts.
 */
export const asReleased = (all: Variant, logGroup: string | undefined): Variant =>
  JSON.parse(
    JSON.stringify(all)
      .replace(/AlertSubscription[\da-f]{12}/, 'AlertSubscription')
      .replaceAll(`log group ${logGroup}: fields`, 'log group of the trail: fields'),
  );

/** A template's resources and outputs in the form in which two are compared: whatever CloudFormation takes for the same. */
export function comparable(
  { Resources, Outputs }: { Resources: Resources; Outputs: object },
  stackName: string,
) {
  const known = resolveTemplate({ Resources, Outputs } as Template, {}, stackName);
  const resources = Object.entries(known.Resources).map(([id, resource]): [string, Resource] => {
    const { Metadata, DependsOn = [], ...others } = resource;
    const after = ((Metadata?.After ?? []) as { Ref: string }[]).map(({ Ref }) => Ref);
    return [id, { ...others, DependsOn: [...DependsOn, ...after].sort() }];
  });
  return numbersAsTexts({ Resources: Object.fromEntries(resources), Outputs: known.Outputs });
}

/** A parameter's value is a text, which CloudFormation takes for a number where one is due. */
const numbersAsTexts = (value: object): unknown =>
  JSON.parse(JSON.stringify(value), (_, inner) =>
    typeof inner === 'number' ? String(inner) : inner,
  );
