import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { HttpResponse } from '@smithy/core/protocols';

/**
 * A client of a Secrets Manager without a network, which tries once.
 * @param answer how a call is answered, by its operation: `ok`, or what names the error
 */
export function answeringClient(answer: (operation: string) => string): SecretsManagerClient {
  const handle = async ({ headers }: { headers: Record<string, string> }) => {
    const name = answer(headers['x-amz-target']?.replace(/^.*\./, '') ?? '');
    if (/^(Timeout|Abort)Error$/.test(name)) throw Object.assign(new Error('no'), { name });
    const [statusCode, body] = name === 'ok' ? [200, {}] : [400, { __type: name }];
    const response = new HttpResponse({ statusCode, headers: {} });
    response.body = new TextEncoder().encode(JSON.stringify(body));
    return { response };
  };
  return new SecretsManagerClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: { handle } as never,
  });
}
