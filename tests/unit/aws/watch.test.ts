import {
  DescribeSecretCommand,
  ListSecretsCommand,
  RestoreSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { watched } from '../../../lib/aws/watch.ts';
import { MINUTE_MS } from '../../../lib/time.ts';
import { answeringClient } from '../../testing/answering.ts';
import { NOW } from '../../testing/attempts.ts';

/** A watched client of a service that answers so, or fails by an error of this name; which calls reach the service. */
function watchedClient() {
  let time = NOW.getTime();
  let answer = 'ok';
  let refusals = 0;
  const reached: string[] = [];
  const answering = answeringClient((operation) => {
    reached.push(operation);
    return answer;
  });
  const client = watched(answering, { now: () => new Date(time), onRefused: () => refusals++ });
  const commands = {
    look: () => client.send(new DescribeSecretCommand({ SecretId: 'a' })),
    list: () => client.send(new ListSecretsCommand({})),
    restore: () => client.send(new RestoreSecretCommand({ SecretId: 'a' })),
  };
  return {
    reached,
    refusals: () => refusals,
    /** Calls the service, which answers so. @returns `ok`, or the error's name. */
    call(command: keyof typeof commands, next: string): Promise<string> {
      answer = next;
      return commands[command]().then(
        () => 'ok',
        (error: Error) => error.name,
      );
    },
    pass(ms: number) {
      time += ms;
    },
  };
}

test.each(['TimeoutError', 'AbortError'])(
  'after a %s all looks fail alike for a minute, and the service is not asked',
  async (name) => {
    const { call, reached, pass } = watchedClient();
    expect(await call('look', name)).toBe(name);
    pass(MINUTE_MS - 1);
    expect([await call('look', 'ok'), await call('list', 'ok')]).toEqual([name, name]);
    expect(reached).toEqual(['DescribeSecret']);
    pass(1);
    expect([await call('look', 'ok'), await call('look', 'ok')]).toEqual(['ok', 'ok']);
  },
);

test('a restore is tried all the same, and keeps nobody from looking what came of it', async () => {
  const { call } = watchedClient();
  expect(await call('restore', 'TimeoutError')).toBe('TimeoutError');
  expect(await call('look', 'ok')).toBe('ok');
  expect(await call('look', 'TimeoutError')).toBe('TimeoutError');
  expect(await call('restore', 'ok')).toBe('ok');
});

test.each(['ThrottlingException', 'AccessDeniedException', 'ResourceNotFoundException'])(
  'after a %s the service is asked as before',
  async (name) => {
    const { call, refusals } = watchedClient();
    expect(await call('look', name)).toBe(name);
    expect(await call('look', 'ok')).toBe('ok');
    expect(refusals()).toBe(0);
  },
);

test.each([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'ExpiredTokenException',
  'ExpiredToken',
])('a %s is heard of as credentials that are not taken', async (name) => {
  const { call, refusals } = watchedClient();
  for (const command of ['look', 'restore'] as const) {
    expect(await call(command, name)).toBe(name);
  }
  expect(refusals()).toBe(2);
});
