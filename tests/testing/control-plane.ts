import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import type { Lambda } from '../../emulators/lambda.ts';
import { listen } from '../../emulators/service.ts';
import type { Place } from '../../lib/aws/spokes.ts';

interface ControlPlane {
  /** The variables that lead an AWS SDK here. */
  readonly endpoints: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface DeployedStack {
  readonly outputs: Readonly<Record<string, string>>;
  /** The environment of each of its functions. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The state of each of its rules, and of its alarms, of which the composite one is suppressed. */
  readonly ruleState?: string;
  readonly alarmState?: () => string;
  /** The account of each access key that is of another than the stack's. */
  readonly accountOfKey?: Readonly<Record<string, string>>;
  /** The accounts of its organization, by their ids, with their names. Default: it may not list them. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Where its StackSet has spokes. Default: there is none. */
  readonly spokes?: readonly Place[];
}

/** The name of the stack in a stand-in. */
const STACK = 'deleted-secret-notifier-dev';

/**
 * Starts a stand-in, on 127.0.0.1, for what the commands ask of CloudFormation, of Lambda's API, of EventBridge and
 * of CloudWatch about a stack: its outputs, a function's environment, the state of its rules and alarms, and Invoke as
 * `RequestResponse`; of Organizations and of a StackSet; and of STS, who asks.
 */
export async function startControlPlane(
  lambdas: readonly Pick<Lambda, 'name' | 'invoke'>[],
  stack: DeployedStack,
): Promise<ControlPlane> {
  function invoke(path: string, event: unknown): ReturnType<Lambda['invoke']> | undefined {
    const name = decodeURIComponent(path).match(/functions\/(?:arn:.*:function:)?([^/:]+)/)?.[1];
    return lambdas.find((candidate) => candidate.name === name)?.invoke(event);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const asked = String(request.headers['x-amz-target'] ?? request.url?.split('/').at(-1));
    const state = stateOf(asked, stack);
    if (state) {
      if ('__type' in state) response.statusCode = 400;
      response.end(JSON.stringify(state));
      return;
    }
    if (!request.url?.startsWith('/2015-03-31/functions/')) {
      const query = new URLSearchParams(body);
      const isIdentity = query.get('Action') === 'GetCallerIdentity';
      response.setHeader('content-type', 'text/xml');
      response.end(isIdentity ? identityOf(request, stack) : describe(query, stack, response));
      return;
    }
    const outcome = await invoke(request.url, JSON.parse(body));
    if (!outcome) {
      response.statusCode = 404;
      response.setHeader('x-amzn-errortype', 'ResourceNotFoundException');
      response.end('{"Message":"Function not found"}');
    } else if ('error' in outcome) {
      response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(JSON.stringify(outcome.error));
    } else {
      response.end(JSON.stringify(outcome.result));
    }
  }

  const { endpoint, stop } = await listen(createServer(answer));
  return {
    endpoints: {
      AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH: endpoint,
      AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint,
      AWS_ENDPOINT_URL_LAMBDA: endpoint,
      AWS_ENDPOINT_URL_ORGANIZATIONS: endpoint,
      AWS_ENDPOINT_URL_STS: endpoint,
    },
    stop,
  };
}

/** The answer to a question for the state of something of the stack; `undefined` for other calls. */
function stateOf(asked: string, { ruleState, alarmState, environment, accounts }: DeployedStack) {
  switch (asked) {
    case 'AWSOrganizationsV20161128.ListAccounts':
      if (!accounts) return { __type: 'AccessDeniedException', message: 'not authorized' };
      return {
        Accounts: Object.entries(accounts).map(([Id, Name]) => ({ Id, Name, State: 'ACTIVE' })),
      };
    case 'AWSEvents.DescribeRule':
      return { State: ruleState };
    case 'GraniteServiceVersion20100801.DescribeAlarms': {
      const StateValue = alarmState?.();
      if (!StateValue) return { MetricAlarms: [], CompositeAlarms: [] };
      return {
        MetricAlarms: [{ StateValue }],
        CompositeAlarms: [{ StateValue, ActionsSuppressedBy: 'Alarm' }],
      };
    }
    case 'configuration':
      return { Environment: { Variables: environment } };
  }
  return undefined;
}

/** Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
function identityOf({ headers }: IncomingMessage, { accountOfKey = {} }: DeployedStack): string {
  const [, key = ''] = /Credential=([^/]+)/.exec(headers.authorization ?? '') ?? [];
  const account = accountOfKey[key] ?? ACCOUNT;
  return `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::${account}:assumed-role/admin/alice</Arn><UserId>AROAEXAMPLE:alice</UserId><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
}

/** Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackInstances.html */
function instances(spokes: DeployedStack['spokes'], response: ServerResponse): string {
  if (!spokes) {
    response.statusCode = 404;
    return '<ErrorResponse><Error><Code>StackSetNotFoundException</Code><Message>not found</Message></Error></ErrorResponse>';
  }
  const members = spokes.map(
    ({ accountId, region }) =>
      `<member><Account>${accountId}</Account><Region>${region}</Region></member>`,
  );
  return `<ListStackInstancesResponse><ListStackInstancesResult><Summaries>${members.join('')}</Summaries></ListStackInstancesResult></ListStackInstancesResponse>`;
}

/** Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
function describe(
  request: URLSearchParams,
  { outputs, spokes }: DeployedStack,
  response: ServerResponse,
): string {
  if (request.get('Action') === 'ListStackInstances') return instances(spokes, response);
  const asked = request.get('StackName');
  if (asked !== STACK) {
    response.statusCode = 400;
    const message = `Stack with id ${asked} does not exist`;
    return `<ErrorResponse><Error><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`;
  }
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const id = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${STACK}/1`;
  const stack = `<StackName>${STACK}</StackName><StackId>${id}</StackId><Outputs>${members.join('')}</Outputs>`;
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>${stack}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}
