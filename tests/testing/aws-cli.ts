import * as cloudcontrol from '@aws-sdk/client-cloudcontrol';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as organizations from '@aws-sdk/client-organizations';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';

// biome-ignore lint/suspicious/noExplicitAny: schemas are arrays, numbers and functions that make them.
type Any = any;

/** The words of a command, as a shell makes them. */
export const words = (command: string) =>
  Array.from(command.matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g), ([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, one) => single ?? double ?? one),
  );

/** The values of each option, by its name without the hyphens. */
export function optionsOf(args: readonly string[]): Record<string, string[]> {
  const options: Record<string, string[]> = {};
  let values: string[] | undefined;
  for (const arg of args) {
    if (arg.startsWith('--')) {
      values = [];
      options[arg.slice(2)] = values;
    } else values?.push(arg);
  }
  return options;
}
/** The SDK's packages, by what the AWS CLI calls their services. Both are made from the same models. */
const SERVICES: Readonly<Record<string, Any>> = {
  ...{ cloudcontrol, cloudformation, cloudtrail, cloudwatch, dynamodb, events, iam, kms, lambda },
  ...{ logs, organizations, secretsmanager, sns, sqs },
};
/** https://github.com/aws/aws-cli/blob/develop/awscli/customizations/argrename.py */
const RENAMED: Readonly<Record<string, string>> = {
  'sns.subscribe.endpoint': 'notification-endpoint',
};
/** https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html */
const OF_ALL = ['region', 'profile', 'query', 'output'];
/**
 * What is the CLI's own, or of a service whose package is not here; the first options are those that have to be given.
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/, and the page of each other in the same way
 */
const OTHERS: Readonly<Record<string, { readonly options: string[]; readonly required: number }>> =
  {
    'cloudformation deploy': {
      options:
        'template-file stack-name s3-bucket parameter-overrides capabilities no-fail-on-empty-changeset'.split(
          ' ',
        ),
      required: 2,
    },
    'cloudformation package': {
      options: 'template-file s3-bucket use-json output-template-file'.split(' '),
      required: 2,
    },
    'logs tail': { options: ['since', 'follow'], required: 0 },
    's3 mb': { options: [], required: 0 },
    'securitylake create-custom-log-source': { options: [], required: 0 },
  };

/** What the AWS CLI would refuse of a command, given without its first word; of one without options only the name is judged. */
export function faultsOfAws([service = '', verb = '', ...args]: readonly string[]): string[] {
  const own = OTHERS[`${service} ${verb}`];
  const operation = Object.entries<Any>(SERVICES[service] ?? {}).find(
    ([name, schema]) => schema?.[0] === OPERATION && `${verb}$` === hyphened(name),
  )?.[1];
  if (!own && !operation) return [`expected an operation of AWS, got ${service} ${verb}`];
  const given = Object.entries(optionsOf(args)).filter(([option]) => !OF_ALL.includes(option));
  // Of an operation without input there is no structure.
  const input = own ? undefined : resolve(operation[4]);
  const [, , , , names = [], members, count = 0] = Array.isArray(input) ? input : [];
  const known: string[] = own
    ? own.options
    : names.map((member: string) => {
        const option = hyphened(member);
        return RENAMED[`${service}.${verb}.${option}`] ?? option;
      });
  const required = args.length === 0 ? [] : known.slice(0, own ? own.required : count);
  return [
    ...required
      .filter((option) => !given.some(([other]) => other === option))
      .map((option) => `expected --${option} of ${service} ${verb}, got none`),
    ...given.flatMap(([option, values]) =>
      faultsOfOption(option, values, known, members).map((fault) => `${service} ${verb}: ${fault}`),
    ),
  ];
}

function faultsOfOption(
  option: string,
  values: readonly string[],
  known: readonly string[],
  members?: Any,
): string[] {
  if (!known.includes(option)) {
    return [`expected an option, got --${option}; there is --${known.join(', --')}`];
  }
  if (!members) return [];
  const schema = members[known.indexOf(option)];
  // Of a flag the CLI takes no value.
  if (resolve(schema) === BOOLEAN && values.length === 0) return [];
  if (values.length === 0) return [`expected a value of --${option}, got none`];
  return faultsOf(schema, readValue(schema, values)).map((fault) => `--${option}: ${fault}`);
}

/** As the CLI does it: https://github.com/boto/botocore/blob/develop/botocore/__init__.py (xform_name) */
const hyphened = (member: string) =>
  member
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase();

// What the SDK's schemas are made of: @smithy/types, schema/static-schemas and schema/sentinels.
const [LIST, BOOLEAN, STRUCTURE, OPERATION] = [1, 2, 3, 9];
const resolve = (schema: Any): Any =>
  typeof schema === 'function'
    ? resolve(schema())
    : Array.isArray(schema) && typeof schema[0] !== 'number'
      ? resolve(schema[0])
      : schema;
/** Of what a list's items are; `undefined` for what is no list. */
function itemOf(schema: Any): Any {
  const resolved = resolve(schema);
  if (Array.isArray(resolved)) return resolved[0] === LIST ? resolved[4] : undefined;
  return resolved >= 64 && resolved < 128 ? resolved - 64 : undefined;
}

/** What the CLI makes of an option's words: JSON, or its shorthand, or what they are. */
function readValue(schema: Any, values: readonly string[]): unknown {
  const [first = ''] = values;
  const isStructure = resolve(itemOf(schema) ?? schema)?.[0] === STRUCTURE;
  if (isStructure && /^[[{]/.test(first)) return JSON.parse(first);
  if (isStructure) {
    const structures = values.map(readShorthand);
    return itemOf(schema) === undefined ? structures[0] : structures;
  }
  return itemOf(schema) === undefined ? first : values;
}

const readShorthand = (text: string) =>
  Object.fromEntries(
    text.split(',').map((pair) => {
      const [key = '', value] = pair.split('=');
      return [key, /^(true|false)$/.test(value ?? '') ? value === 'true' : value];
    }),
  );

/** What a value has that its schema has not, and what it lacks. */
function faultsOf(schema: Any, value: Any): string[] {
  const item = itemOf(schema);
  if (item !== undefined) {
    if (!Array.isArray(value)) return [`no list: ${value}`];
    return value.flatMap((one) => faultsOf(item, one));
  }
  const resolved = resolve(schema);
  if (!Array.isArray(resolved) || resolved[0] !== STRUCTURE) return value === '' ? ['empty'] : [];
  const [, , , , names, members, required = 0] = resolved;
  const missing = names.slice(0, required).filter((name: string) => !(name in value));
  return [
    ...missing.map((name: string) => `${name} is missing`),
    ...Object.entries(value).flatMap(([name, inner]) =>
      names.includes(name) ? faultsOf(members[names.indexOf(name)], inner) : [`${name} is unknown`],
    ),
  ];
}
