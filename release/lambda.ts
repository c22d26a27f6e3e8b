import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { FunctionKey } from '../lib/settings.ts';
import { type Resources, ref } from '../stack/cloudformation.ts';
import { functionDefinition } from '../stack/functions.ts';
import { type FunctionNames, functionsOf, SERVICE } from '../stack/names.ts';
import type { Settings } from '../stack/settings.ts';
import { stack } from '../stack/stack.ts';
import type { Variant } from './merge.ts';

/** A function in serverless.yml, and what all have in common there, as far as the project uses it. */
interface Definition {
  readonly name?: string;
  readonly description: string;
  readonly handler: string;
  readonly timeout?: number;
  readonly memorySize?: number;
}
interface Service {
  readonly provider: {
    readonly runtime: string;
    readonly architecture: string;
    readonly memorySize: number;
    readonly timeout: number;
    readonly logs: { readonly lambda: { readonly logFormat: string } };
    readonly environment: Readonly<Record<string, string>>;
  };
  readonly functions: Readonly<Record<FunctionKey, Definition>>;
}

/** What serverless.yml says of the functions, with the framework's variables in it. */
const { provider, functions }: Service = parse(
  readFileSync(join(import.meta.dirname, '../serverless.yml'), 'utf8'),
);

/** A text of serverless.yml with the values of its variables. */
const filled = (text: string, stage: string) =>
  text.replaceAll('${self:service}', SERVICE).replaceAll('${sls:stage}', stage);

/** All of a stack: what `stack()` makes, and its functions. */
export function stackWithFunctions(settings: Settings, stage: string): Variant {
  const { Resources, Outputs } = stack(settings, stage).template;
  return { Resources: { ...Resources, ...lambdaResources(settings, stage) }, Outputs };
}

/**
 * The functions with their log groups and what becomes of events on which they fail, as the framework makes them of serverless.yml and
 * of what depends on the settings. The code of each is a file beside the template, which `aws cloudformation package` uploads:
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
 */
function lambdaResources(settings: Settings, stage: string): Resources {
  const common = Object.entries(provider.environment).map(([name, text]) => [
    name,
    filled(text, stage),
  ]);
  const resources = functionsOf(settings).map((names): Resources => {
    const { key } = names;
    const own = functions[key];
    const name = own.name ? filled(own.name, stage) : `${SERVICE}-${stage}-${key}`;
    const { dependsOn = [], ...definition } = functionDefinition(names, settings, stage);
    return {
      [names.logGroup]: {
        Type: 'AWS::Logs::LogGroup',
        Properties: {
          LogGroupName: `/aws/lambda/${name}`,
          RetentionInDays: definition.logRetentionInDays,
        },
      },
      [names.function]: {
        Type: 'AWS::Lambda::Function',
        DependsOn: [names.logGroup, ...dependsOn],
        Properties: {
          FunctionName: name,
          Description: own.description,
          Code: `${key}.zip`,
          Handler: own.handler,
          Runtime: provider.runtime,
          Architectures: [provider.architecture],
          MemorySize: own.memorySize ?? provider.memorySize,
          Timeout: own.timeout ?? provider.timeout,
          Role: definition.role,
          LoggingConfig: { LogFormat: provider.logs.lambda.logFormat },
          Environment: {
            Variables: { ...Object.fromEntries(common), ...definition.environment },
          },
        },
      },
      ...invocations(names, definition),
    };
  });
  return Object.assign({}, ...resources);
}

/** Nothing for a function whose caller waits. */
const invocations = (
  names: FunctionNames,
  {
    destinations,
    maximumEventAge,
    maximumRetryAttempts,
  }: Partial<ReturnType<typeof functionDefinition>>,
): Resources =>
  destinations
    ? {
        [names.invocations]: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: ref(names.function),
            Qualifier: '$LATEST',
            MaximumEventAgeInSeconds: maximumEventAge,
            MaximumRetryAttempts: maximumRetryAttempts,
            DestinationConfig: { OnFailure: { Destination: destinations.onFailure.arn } },
          },
        },
      }
    : {};
