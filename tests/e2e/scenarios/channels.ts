import { createIncidentStore, incidentKey } from '../../../lib/incident/incidents.ts';
import { DETAIL_TYPES } from '../../../lib/notice/bus/event.ts';
import type { IncidentNoticeKind } from '../../../lib/notice/incident-notice.ts';
import { putOnBus } from '../bus.ts';
import { type Channels, openChannels } from '../channels.ts';
import { operate } from '../commands.ts';
import { clearDeadLetters, functionsInDeadLetters } from '../dead-letters.ts';
import { eventually } from '../eventually.ts';
import { runFunction } from '../functions.ts';
import { letHoursPass } from '../hours.ts';
import { useMailbox } from '../mailbox.ts';
import { takeAway } from '../roles.ts';
import { admin, attempt, batch, createPending } from '../secrets.ts';
import { deployedTable, secretOf } from '../table.ts';
import { CHANNELS, deployed } from '../world.ts';

let channels: Channels;

/** What each channel says next, in no order: the kinds, and the incident of each. @throws Error if they are not the same. */
async function told(...kinds: IncidentNoticeKind[]): Promise<string[]> {
  const [messages, events] = await Promise.all([
    channels.chat(kinds.length),
    channels.bus(kinds.length),
  ]);
  const ofChat = messages.map(
    ({ content, metadata }) => `${content.keywords[1]} ${metadata.threadId}`,
  );
  const ofBus = events.map(({ detail }) => `${detail.kind} ${detail.incident}`);
  expect(ofChat.sort()).toEqual(ofBus.sort());
  expect(events.map(({ detail }) => detail.kind).sort()).toEqual(kinds.toSorted());
  for (const event of events) {
    expect(event).toMatchObject({
      source: 'deleted-secret-notifier',
      'detail-type': DETAIL_TYPES[event.detail.kind],
      detail: { version: '1', idempotencyKey: expect.any(String), isDrill: false },
    });
  }
  return ofBus.map((line) => line.split(' ')[1] ?? '');
}

/** Waits until it is noted that a secret is restored. */
async function letIncidentEnd(name: string): Promise<void> {
  const incidents = createIncidentStore(await deployedTable(CHANNELS));
  await eventually(
    () => incidents.find(incidentKey(secretOf(name))),
    (incident) => incident?.ended === 'restored',
  );
}

const summarize = async () => runFunction((await deployed(CHANNELS)).SummarizeFunctionName);

describe('A chat and an event bus', () => {
  beforeAll(async () => {
    channels = await openChannels();
    await deployed(CHANNELS);
    await clearDeadLetters(CHANNELS);
  });
  const mailbox = useMailbox(async () => (await deployed(CHANNELS)).AlertTopicArn);

  // An incident that was opened hours before, as letHoursPass makes it, has another id.
  test('hear all of an incident, and of its callers in one thread', async () => {
    const NAME = 'prod/channels';
    const table = await deployedTable(CHANNELS);
    await createPending(NAME);
    await putOnBus(admin.lastRecord());
    await told('announced');
    await putOnBus(await attempt(NAME));
    const [opened] = await told('opened');
    await putOnBus(await attempt(NAME, batch));
    expect(await told('caller')).toEqual([opened]);
    await putOnBus(await attempt(NAME));
    await letHoursPass(table, NAME);
    await summarize();
    await told('digest');
    await admin.restore(NAME);
    await putOnBus(admin.lastRecord());
    await letIncidentEnd(NAME);
    await letHoursPass(table, NAME);
    await summarize();
    await told('resolved');
  });

  test.each([
    ['chat', 'ChatFunctionName', 'sns:Publish'],
    ['bus', 'BusFunctionName', 'events:PutEvents'],
  ] as const)(
    '%s that fails keeps no other back, and is replayed alone',
    async (channel, output, action) => {
      const name = `prod/without-${channel}`;
      const outputs = await deployed(CHANNELS);
      while ((await mailbox().rest()).length > 0);
      await createPending(name);
      const giveBack = await takeAway(outputs[output], action);
      try {
        await putOnBus(await attempt(name));
        expect((await mailbox().next()).subject).toContain(name);
        const other = channel === 'chat' ? channels.bus(1) : channels.chat(1);
        expect(await other).toHaveLength(1);
        await eventually(
          () => functionsInDeadLetters(CHANNELS),
          (functions) => functions.length > 0,
        );
        expect(await functionsInDeadLetters(CHANNELS)).toEqual([outputs[output]]);
      } finally {
        await giveBack();
      }
      const { stdout } = await operate('replay');
      expect(stdout).toMatch(/^replayed: 1$/m);
      expect(await channels[channel](1)).toHaveLength(1);
      expect(await mailbox().rest()).toEqual([]);
      expect(await channels.rest()).toBe(0);
    },
  );
});
