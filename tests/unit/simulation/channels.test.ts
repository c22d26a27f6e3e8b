import type { Published } from '../../../emulators/messaging.ts';
import type { ChatMessage } from '../../../lib/notice/chat/message.ts';
import { renderOverview } from '../../../lib/notice/chat/overview.ts';
import { renderChat } from '../../../lib/notice/chat/render.ts';
import { encode, type IncidentNotice } from '../../../lib/notice/incident-notice.ts';
import { roleName, secretName } from '../../../simulation/cast.ts';
import { openChannels } from '../../../simulation/channels.ts';
import type { Cloud } from '../../../simulation/cloud.ts';
import { AT_HOME } from '../../../simulation/places.ts';
import { NOW } from '../../testing/attempts.ts';
import { NOTICES } from '../../testing/incident-notices.ts';

const STACK = { name: 'deleted-secret-notifier-dev', region: 'eu-west-1' };
const OPTIONS = { stack: STACK, chatButtons: false, now: NOW };

/** The digest of a secret of a storm, with one attempt of one caller. */
function digestOf(secret: number): IncidentNotice {
  const [caller] = NOTICES.digest.callers;
  if (!caller) throw new Error('A digest has a caller');
  return {
    ...NOTICES.digest,
    id: `digest/${secret}`,
    incident: `incident-${secret}`,
    secret: { ...NOTICES.digest.secret, name: secretName(secret) },
    callers: [{ ...caller, callerName: `role ${roleName(0)}`, count: 1 }],
    counts: { ...NOTICES.digest.counts, attempts: 1, callers: 1 },
  };
}

/** A run that is handed notices, and sends messages. */
const run = (given: IncidentNotice[], ...sent: ChatMessage[]) => ({ given, sent });

/** What is counted of a chat with these runs, one after the other. */
function tallyOf(runs: readonly ReturnType<typeof run>[]) {
  const listeners = new Map<string, (published: Published) => void>();
  const cloud = {
    chatTopicArn: 'chat',
    noticeTopicArn: 'notices',
    onPublished: (arn: string, listener: (published: Published) => void) =>
      listeners.set(arn, listener),
    eventBuses: { events: [] },
  } as unknown as Cloud;
  const channels = openChannels(cloud, AT_HOME);
  const publish = (topicArn: string, message: string, number: number) =>
    listeners.get(topicArn)?.({
      ...{ topicArn, id: '', message, run: number, isLost: false },
      time: NOW.getTime() + number,
    });
  for (const [number, { given, sent }] of runs.entries()) {
    const Message = encode({ notices: given, isMailed: true, stack: STACK });
    publish('notices', Message, number);
    for (const message of sent) publish('chat', JSON.stringify(message), number);
    const event = { Records: [{ Sns: { Message } }] };
    channels.noteRun(number, event, { outcome: 'done', calls: {}, faults: {}, metrics: {} });
  }
  return channels.tallyOf('chat', { pairs: Uint32Array.from([0, 1, 2]), secrets: 3, places: 1 });
}

const [one, two, three] = [digestOf(0), digestOf(1), digestOf(2)];
const alone = renderChat(one, OPTIONS);
const together = (...notices: IncidentNotice[]) => renderOverview(notices, OPTIONS);

test.each([
  ['each once', [run([one, two, three], alone, together(two, three))], 0, 0],
  [
    'each once, of some that are handed on again with another',
    [run([one, two], alone, together(two)), run([one, two, three], together(three))],
    0,
    0,
  ],
  ['all but one', [run([one, two, three], alone, together(two))], 2, 0],
  [
    'one again in its thread',
    [run([one, two, three], alone, together(two, three)), run([one], alone)],
    0,
    1,
  ],
  [
    'one again in a line',
    [run([one, two, three], alone, together(two, three)), run([one, two], together(two))],
    0,
    1,
  ],
])('a chat is seen to send %s', (_, runs, lost, toldTwice) => {
  expect(tallyOf(runs)).toEqual({ lost, toldTwice });
});
