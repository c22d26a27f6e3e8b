import { join } from 'node:path';
import type { LocalAws } from '../../emulators/aws.ts';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { type CloudTrailRecord, eventBridgeEvent } from '../../emulators/cloudtrail.ts';
import { targetsOf } from '../../emulators/event-bridge.ts';
import { environmentOf } from '../../emulators/lambda.ts';
import {
  packagedFunction,
  readTemplate,
  resourceOf,
  type Template,
} from '../../emulators/template.ts';
import { PACKAGE_DIRECTORY } from '../stack/package-templates.ts';
import { type Users, useAws, usersOf } from './world.ts';

type Environment = Readonly<Record<string, string>>;

/** The service's functions in this process, out of their sources, in a local AWS, with those who use it. */
export interface Service extends Users {
  readonly aws: LocalAws;
  /** Runs the function once. @throws what it throws. */
  notify(event: unknown): Promise<void>;
  /** Runs the function once. @throws what it throws. */
  trackDeletion(event: unknown): Promise<void>;
  /** To which functions the rules hand a record, by their logical ids. */
  targets(record: CloudTrailRecord): string[];
  /** Lets the functions handle a record to which the rules hand it: the last one unless told. @throws what they throw. */
  deliver(record?: CloudTrailRecord): Promise<void>;
  /** All that the functions have printed. */
  log(): string;
}

/** For the tests of a file: returns what starts the service in this process, as {@link useAws} does. */
export const useService = () =>
  useAws(async (aws, environment) => {
    const template = await readTemplate(PACKAGE_DIRECTORY);
    await aws.dynamoDb.createTable(resourceOf(template, 'Table'));
    return serviceOf(aws, template, environment);
  });

function serviceOf(aws: LocalAws, template: Template, environment: Environment): Service {
  const printed: string[] = [];
  const functions = new Map<string, (event: unknown) => Promise<void>>();
  function functionOf(logicalId: string) {
    const known = functions.get(logicalId);
    if (known) return known;
    const made = runnerOf(aws, template, logicalId, environment, printed);
    functions.set(logicalId, made);
    return made;
  }

  const users = usersOf(aws);
  return {
    ...users,
    aws,
    notify: functionOf('NotifyLambdaFunction'),
    trackDeletion: functionOf('TrackDeletionLambdaFunction'),
    targets: (record) => targetsOf(template, eventBridgeEvent(record)),
    async deliver(record = users.lastRecord()) {
      const event = eventBridgeEvent(record);
      for (const target of targetsOf(template, event)) await functionOf(target)(event);
    },
    log: () => printed.join(''),
  };
}

let modules = 0;

/** A function as a cold start finds it: its module is evaluated anew, what it imports is not. */
function runnerOf(
  aws: LocalAws,
  template: Template,
  logicalId: string,
  overrides: Environment,
  printed: string[],
) {
  const locals = { ...aws, tableName: aws.dynamoDb.table.name };
  const config = packagedFunction(template, logicalId, PACKAGE_DIRECTORY, locals);
  const environment = environmentOf(
    { ...config, environment: { ...config.environment, ...overrides } },
    { accessKeyId: 'notifier', endpoints: aws.endpoints },
  );
  const file = join('../..', config.handler.replace(/\.handler$/, `.ts?${++modules}`));
  return (event: unknown) =>
    within(environment, printed, async () => {
      const deadline = Date.now() + config.timeout * 1000;
      const { handler } = await import(file);
      await handler(event, {
        awsRequestId: crypto.randomUUID(),
        functionName: config.name,
        invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${config.name}`,
        getRemainingTimeInMillis: () => deadline - Date.now(),
      });
    });
}

/** Runs what sees this environment and no other, and keeps what it prints. */
async function within(
  environment: Environment,
  printed: string[],
  run: () => Promise<void>,
): Promise<void> {
  const { env } = process;
  process.env = { ...environment };
  const spies = [process.stdout, process.stderr].map((stream) =>
    import.meta.jest.spyOn(stream, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    }),
  );
  try {
    await run();
  } finally {
    process.env = env;
    for (const spy of spies) spy.mockRestore();
  }
}
