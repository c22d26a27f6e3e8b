import type { Value } from '../stack/cloudformation.ts';
import { stackNameOf } from '../stack/names.ts';
import { metricName, type ParameterName } from './parameters.ts';

/** What stands in the templates for the value of a parameter, or for what is known at deployment only. */
export const placeholder = (name: ParameterName | keyof typeof KNOWN_LATER, length = 0) =>
  `«${name}${'.'.repeat(length)}»`;
const PLACEHOLDER = /«([\w:]+)\.*»/g;

/** The condition on which the alarm has the name of AWS's guide, on which that of the metric depends. */
export const IS_AWS_ALARM = 'HasAlarmOfGuide';

/** No character of a stack's name, so that only its beginning can match. */
const BEGINNING = ':';
/** The stage, of a stack that is called as the commands expect; of another the deployment fails before anything is made. */
const STAGE = {
  'Fn::Select': [
    1,
    {
      'Fn::Split': [
        `${BEGINNING}${stackNameOf('')}`,
        { 'Fn::Sub': `${BEGINNING}\${AWS::StackName}` },
      ],
    },
  ],
};
const KNOWN_LATER = {
  Stage: STAGE,
  MetricName: metricName(IS_AWS_ALARM),
};

/** A part of a template with parameters in the places of what stands for them. */
export function putIn(part: unknown): unknown {
  if (typeof part === 'string') return isWithPlaceholder(part) ? filled(part) : part;
  if (Array.isArray(part)) return part.map(putIn);
  if (typeof part !== 'object' || part === null) return part;
  const { 'Fn::Sub': substituted } = part as { 'Fn::Sub'?: unknown };
  if (typeof substituted === 'string') return filledSub(substituted, {});
  if (Array.isArray(substituted)) {
    const [text, values] = substituted;
    return filledSub(text, putIn(values) as Record<string, unknown>);
  }
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, putIn(value)]));
}

const isWithPlaceholder = (text: string) => text.search(PLACEHOLDER) >= 0;

/** `${` in a text that is no `Fn::Sub` yet is itself. */
const filled = (text: string): unknown => {
  const [whole, name = ''] = [...text.matchAll(PLACEHOLDER)][0] ?? [];
  return whole === text ? referenceTo(name) : filledSub(text.replaceAll('${', '${!'), {});
};

function filledSub(text: string, values: Record<string, unknown>): Value {
  const named = text.replaceAll(stackNameOf(placeholder('Stage')), '${AWS::StackName}');
  const later = Object.entries(KNOWN_LATER).filter(([name]) => named.includes(`«${name}»`));
  const all = { ...values, ...Object.fromEntries(later) };
  const result = named.replaceAll(PLACEHOLDER, '${$1}');
  if (!result.includes('${')) return result;
  return { 'Fn::Sub': Object.keys(all).length > 0 ? [result, all] : result };
}

const referenceTo = (name: string): unknown =>
  Object.hasOwn(KNOWN_LATER, name) ? KNOWN_LATER[name as keyof typeof KNOWN_LATER] : { Ref: name };
