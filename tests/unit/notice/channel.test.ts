import {
  type DeliverPorts,
  deliver,
  type Group,
  type Sending,
  type SentStore,
} from '../../../lib/notice/channel.ts';
import type { IncidentNotice } from '../../../lib/notice/incident-notice.ts';
import { NOW } from '../../testing/attempts.ts';

const notice = (id: string) => ({ id }) as IncidentNotice;
const NOTICES = ['a', 'b', 'c'].map(notice);
const EACH = NOTICES.map((one) => [one]);
const ids = (notices: readonly IncidentNotice[]) => notices.map(({ id }) => id).join('');

/** A store that answers as told, and notes what it was asked: `claim a`, `note a` … */
function fakes(answers: Readonly<Record<string, 'sent' | 'busy' | Error>> = {}, overrides = {}) {
  const asked: string[] = [];
  const sent: SentStore = {
    async claim(_, id) {
      asked.push(`claim ${id}`);
      const answer = answers[id] ?? 'claimed';
      if (answer instanceof Error) throw answer;
      return answer;
    },
    note: async (_, id) => void asked.push(`note ${id}`),
    release: async (_, id) => void asked.push(`release ${id}`),
    ...overrides,
  };
  let time = NOW.getTime();
  const ports: DeliverPorts = {
    sent,
    token: 'run',
    leaseUntil: NOW.getTime() + 45_000,
    now: () => new Date(time),
    sleep: async (ms) => {
      time += ms;
      asked.push('sleep');
    },
    timeLeft: () => 45_000,
  };
  const send = async (group: Group): Promise<Sending> => {
    asked.push(`send ${ids(group)}`);
    return 'sent';
  };
  return { ports, asked, send };
}

test('each notice is claimed, sent and noted before the next', async () => {
  const { ports, asked, send } = fakes();
  await deliver('chat', EACH, send, ports);
  expect(asked).toEqual(
    ['a', 'b', 'c'].flatMap((id) => [`claim ${id}`, `send ${id}`, `note ${id}`]),
  );
});

test('what has been sent is left out', async () => {
  const { ports, asked, send } = fakes({ a: 'sent', c: 'sent' });
  await deliver('chat', EACH, send, ports);
  expect(asked).toEqual(['claim a', 'claim b', 'send b', 'note b', 'claim c']);
});

test('what another run is sending keeps no other from being sent, and has Lambda try again', async () => {
  const { ports, asked, send } = fakes({ a: 'busy' });
  await expect(deliver('chat', EACH, send, ports)).rejects.toMatchObject({
    code: 'BUSY',
    message:
      'Another run is sending a notice by chat, and may die. Lambda tries again in a minute, and sends what has not been sent.',
  });
  expect(asked).toContain('note c');
  expect(asked.filter((one) => one === 'sleep')).toHaveLength(3);
});

test('what another run is sending is waited for, and sent if that run gives it back', async () => {
  let tries = 0;
  const isBusy = (id: string) => id === 'b' && ++tries < 3;
  const { ports, asked, send } = fakes();
  const { sent } = ports;
  const claim: SentStore['claim'] = async (channel, id, run) =>
    isBusy(id) ? 'busy' : sent.claim(channel, id, run);
  const waiting = { ...ports, sent: { ...sent, claim } };
  await deliver('chat', EACH, send, waiting);
  expect(asked.filter((one) => !one.startsWith('claim'))).toEqual([
    ...['send a', 'note a', 'send c', 'note c'],
    ...['sleep', 'sleep', 'send b', 'note b'],
  ]);
});

test('what fails is given back, keeps no other from being sent, and is thrown', async () => {
  const { ports, asked } = fakes({ b: 'busy' });
  const send = async ([{ id }]: Group): Promise<Sending> => {
    if (id === 'a') throw new Error('Slack is down');
    return 'sent';
  };
  await expect(deliver('chat', EACH, send, ports)).rejects.toThrow('Slack is down');
  expect(asked).toEqual(['claim a', 'release a', 'claim b', 'claim c', 'note c']);
});

test('of several failures the first is thrown', async () => {
  const { ports } = fakes({ a: new Error('no table') });
  const send = () => Promise.reject(new Error('Slack is down'));
  await expect(deliver('chat', EACH, send, ports)).rejects.toThrow('no table');
});

test('what cannot be given back lapses, and the failure is thrown all the same', async () => {
  const { ports } = fakes({}, { release: () => Promise.reject(new Error('no table')) });
  const send = () => Promise.reject(new Error('Slack is down'));
  await expect(deliver('chat', EACH, send, ports)).rejects.toThrow('Slack is down');
});

test('what was sent, but could not be noted, is no failure, by which it would be sent again', async () => {
  const { ports, asked, send } = fakes({}, { note: () => Promise.reject(new Error('no table')) });
  await deliver('chat', EACH, send, ports);
  expect(asked.filter((one) => one.startsWith('release'))).toEqual([]);
});

test('what the channel leaves is given back, and not noted', async () => {
  const { ports, asked } = fakes();
  const send = async ([{ id }]: Group): Promise<Sending> => (id === 'b' ? 'left' : 'sent');
  await deliver('chat', EACH, send, ports);
  expect(asked).toEqual(['claim a', 'note a', 'claim b', 'release b', 'claim c', 'note c']);
});

test.each([
  ['has Lambda try again', undefined, 'There was no time to send all notices by chat.'],
  ['is no reason to hide a failure', 'Slack is down', 'Slack is down'],
])('no time left %s', async (_, failure, message) => {
  let left = 20_000;
  const { ports, asked } = fakes();
  const timed = { ...ports, timeLeft: () => left };
  const send = async (): Promise<Sending> => {
    left -= 6000;
    if (failure) throw new Error(failure);
    return 'sent';
  };
  await expect(deliver('chat', EACH, send, timed)).rejects.toThrow(message);
  expect(asked.filter((one) => one.startsWith('claim'))).toEqual(['claim a', 'claim b']);
});

describe('in one message', () => {
  test('those go out that have not been sent, and each is noted', async () => {
    const { ports, asked, send } = fakes({ b: 'sent' });
    await deliver('chat', [NOTICES], send, ports);
    expect(asked.slice(3)).toEqual(['send ac', 'note a', 'note c']);
  });

  test.each([
    ['where all have been sent', NOTICES],
    ['of none', []],
  ])('nothing goes out %s', async (_, notices) => {
    const { ports } = fakes({ a: 'sent', b: 'sent', c: 'sent' });
    const send = () => Promise.reject(new Error('sent'));
    await expect(deliver('chat', [notices], send, ports)).resolves.toBeUndefined();
  });

  test('all are given back if it fails, or is left', async () => {
    for (const [send, comes] of [
      [
        async () => 'left' as const,
        (all: Promise<unknown>) => expect(all).resolves.toBeUndefined(),
      ],
      [
        () => Promise.reject(new Error('Slack is down')),
        (all: Promise<unknown>) => expect(all).rejects.toThrow('Slack is down'),
      ],
    ] as const) {
      const { ports, asked } = fakes();
      await comes(deliver('chat', [NOTICES], send, ports));
      expect(asked.slice(3)).toEqual(['release a', 'release b', 'release c']);
    }
  });

  test('all are given back if one of them cannot be claimed', async () => {
    const { ports, asked, send } = fakes({ b: new Error('no table') });
    await expect(deliver('chat', [NOTICES], send, ports)).rejects.toThrow('no table');
    expect(asked.slice(3)).toEqual(['release a', 'release c']);
  });
});
