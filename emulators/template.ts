import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { queueUrlOf } from './queues.ts';

/** A CloudFormation template, as far as it is read here. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  // biome-ignore lint/suspicious/noExplicitAny: a text, or a function of resources.
  readonly Outputs?: Readonly<Record<string, { readonly Value: any }>>;
}

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type of resource has properties of its own.
  readonly Properties: Readonly<Record<string, any>>;
}

/** The local values of the resources that a function refers to. */
export interface Locals {
  readonly tableName: string;
  readonly topicArn: string;
  readonly noticeTopicArn: string;
  readonly chatTopicArn: string;
  readonly deadLetterQueueArn: string;
}

/** A packaged function, with all that it takes to run it. */
export interface FunctionConfig {
  readonly name: string;
  /** The directory of its unpacked package; the zip is beside it. */
  readonly taskRoot: string;
  /** Such as `functions/notify.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  /** In seconds. */
  readonly timeout: number;
  /** In MB. */
  readonly memorySize: number;
  /** The number of retries of an asynchronous invocation. */
  readonly maximumRetryAttempts: number;
  /** ARN of the destination of events whose retries failed. */
  readonly onFailure?: string;
}

/** Reads what `serverless package` wrote into `directory`. */
export async function readTemplate(directory: string): Promise<Template> {
  const file = join(directory, 'cloudformation-template-update-stack.json');
  return JSON.parse(await readFile(file, 'utf8'));
}

/** The logical ids of all functions of a template. */
export function functionIds({ Resources }: Template): string[] {
  const isFunction = (logicalId: string) => Resources[logicalId]?.Type === 'AWS::Lambda::Function';
  return Object.keys(Resources).filter(isFunction);
}

/**
 * The function of a packaged service, with its environment resolved.
 * @throws Error if there is no such function, or it refers to something that `locals` lacks.
 */
export function packagedFunction(
  template: Template,
  logicalId: string,
  directory: string,
  locals: Locals,
): FunctionConfig {
  const { Properties: properties } = resourceOf(template, logicalId);
  const asynchronous = Object.values(template.Resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::Lambda::EventInvokeConfig' && Properties.FunctionName?.Ref === logicalId,
  )?.Properties;
  const destination = asynchronous?.DestinationConfig?.OnFailure?.Destination;
  return {
    name: properties.FunctionName,
    taskRoot: join(directory, basename(properties.Code.S3Key, '.zip')),
    handler: properties.Handler,
    environment: Object.fromEntries(
      Object.entries(properties.Environment.Variables).map(([name, value]) => [
        name,
        functionName(template, value) ?? queueUrl(template, value) ?? resolve(value, locals),
      ]),
    ),
    timeout: properties.Timeout,
    memorySize: properties.MemorySize,
    maximumRetryAttempts: asynchronous?.MaximumRetryAttempts ?? 2,
    onFailure: destination && resolve(destination, locals),
  };
}

/** @throws Error if the template has no such resource. */
export function resourceOf(template: Template, logicalId: string): Resource {
  const resource = template.Resources[logicalId];
  if (resource) return resource;
  const known = Object.keys(template.Resources).join(', ');
  throw new Error(`Expected a resource ${logicalId} in the packaged template, got ${known}`);
}

/** The name of the function that a value refers to, if it does. */
function functionName({ Resources }: Template, value: unknown): string | undefined {
  const resource = Resources[referenceOf(value) ?? ''];
  return resource?.Type === 'AWS::Lambda::Function' ? resource.Properties.FunctionName : undefined;
}

/** The URL of the queue that a value refers to, if it does. */
function queueUrl({ Resources }: Template, value: unknown): string | undefined {
  const id = referenceOf(value);
  return id && Resources[id]?.Type === 'AWS::SQS::Queue' ? queueUrlOf(id) : undefined;
}

function referenceOf(value: unknown): string | undefined {
  const isReference = typeof value === 'object' && value !== null && 'Ref' in value;
  return isReference ? String(value.Ref) : undefined;
}

/** The value of a text, a number, or a reference in `locals`. @throws Error for anything else. */
function resolve(value: unknown, locals: Locals): string {
  if (typeof value !== 'object') return String(value);
  if (isSubstituted(value)) return value['Fn::Sub'].replaceAll('${AWS::Partition}', 'aws');
  switch (JSON.stringify(value)) {
    case '{"Ref":"Table"}':
      return locals.tableName;
    case '{"Ref":"AlertTopic"}':
      return locals.topicArn;
    case '{"Ref":"NoticeTopic"}':
      return locals.noticeTopicArn;
    case '{"Ref":"ChatTopic"}':
      return locals.chatTopicArn;
    case '{"Fn::GetAtt":["DeadLetterQueue","Arn"]}':
      return locals.deadLetterQueueArn;
    default:
      throw new Error(`Nothing stands for ${JSON.stringify(value)} of the template`);
  }
}

const isSubstituted = (value: object | null): value is { 'Fn::Sub': string } =>
  value !== null && 'Fn::Sub' in value && typeof value['Fn::Sub'] === 'string';
