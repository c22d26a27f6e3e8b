import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Lambda } from '../../local/lambda.ts';

interface ControlPlane {
  /** The variables that lead an AWS SDK here. */
  readonly endpoints: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts a stand-in, on 127.0.0.1, for what replaying asks of CloudFormation and of Lambda's API: the outputs of the
 * stack that owns a queue, and Invoke as `RequestResponse`.
 */
export async function startControlPlane(
  lambdas: readonly Lambda[],
  stack: { readonly queueUrl: string; readonly outputs: Readonly<Record<string, string>> },
): Promise<ControlPlane> {
  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other, as a sandbox does. */
  function invoke(path: string, event: unknown): ReturnType<Lambda['invoke']> | undefined {
    const name = decodeURIComponent(path).match(/functions\/(?:arn:.*:function:)?([^/:]+)/)?.[1];
    const lambda = lambdas.find((candidate) => candidate.name === name);
    const answer = lambda && turn.then(() => lambda.invoke(event));
    turn = Promise.resolve(answer);
    return answer;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    if (!request.url?.startsWith('/2015-03-31/functions/')) {
      response.end(describe(new URLSearchParams(body), stack, response));
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

  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoints: { AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint, AWS_ENDPOINT_URL_LAMBDA: endpoint },
    async stop() {
      const closed = once(server, 'close');
      server.close().closeAllConnections();
      await closed;
    },
  };
}

/** Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html */
function describe(
  request: URLSearchParams,
  { queueUrl, outputs }: Parameters<typeof startControlPlane>[1],
  response: ServerResponse,
): string {
  response.setHeader('content-type', 'text/xml');
  const action = request.get('Action');
  if (action === 'DescribeStackResources' && request.get('PhysicalResourceId') !== queueUrl) {
    response.statusCode = 400;
    const message = `Stack for ${request.get('PhysicalResourceId')} does not exist`;
    return `<ErrorResponse><Error><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`;
  }
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const result =
    action === 'DescribeStackResources'
      ? '<StackResources><member><StackName>stack</StackName></member></StackResources>'
      : `<Stacks><member><StackName>stack</StackName><Outputs>${members.join('')}</Outputs></member></Stacks>`;
  return `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
}
