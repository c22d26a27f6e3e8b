import { type CloudTrailRecord, subscriptionEvent } from '../../../emulators/cloudtrail.ts';
import { attemptPartition } from '../../../lib/attempt/item.ts';
import type { Place } from '../../../lib/aws/spokes.ts';
import { getItems } from '../../../lib/aws/table.ts';
import type { Ending } from '../../../lib/incident/incident.ts';
import { createIncidentStore, incidentKey } from '../../../lib/incident/incidents.ts';
import { DETAIL_TYPES } from '../../../lib/notice/bus/event.ts';
import { incidentId } from '../../../lib/notice/hand-on.ts';
import type { IncidentNoticeKind } from '../../../lib/notice/incident-notice.ts';
import { HOUR_MS } from '../../../lib/time.ts';
import { putOnBus } from '../bus.ts';
import { type Channels, openChannels } from '../channels.ts';
import { operate } from '../commands.ts';
import { clearDeadLetters, functionsInDeadLetters } from '../dead-letters.ts';
import { eventually } from '../eventually.ts';
import { handOver, runFunction } from '../functions.ts';
import { letDaysPass, letEndsBeTold, letHoursPass } from '../hours.ts';
import { useMailbox } from '../mailbox.ts';
import { takeAway } from '../roles.ts';
import { admin, attempt, batch, createPending, usersAt } from '../secrets.ts';
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

const incidentOf = async (name: string, place?: Place) =>
  createIncidentStore(await deployedTable(CHANNELS)).find(incidentKey(secretOf(name, place)));

/** @returns the thread of a secret's incident, were it opened some hours earlier than it is by now. */
async function threadOf(name: string, place?: Place): Promise<(hours: number) => string> {
  const { openedAt, key } = (await incidentOf(name, place)) ?? { key: '' };
  const opened = openedAt?.getTime() ?? Number.NaN;
  return (hours) => incidentId({ key, openedAt: new Date(opened - hours * HOUR_MS) });
}

/** Waits until it is noted how a secret ended. */
async function letIncidentEnd(name: string, how: Ending): Promise<void> {
  await eventually(
    () => incidentOf(name),
    (incident) => incident?.ended === how,
  );
}

async function summarize(): Promise<void> {
  await letEndsBeTold(await deployedTable(CHANNELS));
  await runFunction((await deployed(CHANNELS)).SummarizeFunctionName);
}

describe('A chat and an event bus', () => {
  beforeAll(async () => {
    channels = await openChannels();
    await deployed(CHANNELS);
    await clearDeadLetters(CHANNELS);
  });
  const mailbox = useMailbox(async () => (await deployed(CHANNELS)).AlertTopicArn);

  // An incident that was opened hours before, as letHoursPass makes it, has another id.
  test('hear all of an incident that is resolved, in one thread', async () => {
    const NAME = 'prod/channels';
    const table = await deployedTable(CHANNELS);
    await createPending(NAME);
    await putOnBus(admin.lastRecord());
    await told('announced');
    await putOnBus(await attempt(NAME));
    const opened = await told('opened');
    const thread = await threadOf(NAME);
    expect(opened).toEqual([thread(0)]);
    await putOnBus(await attempt(NAME, batch));
    expect(await told('caller')).toEqual([thread(0)]);
    await putOnBus(await attempt(NAME));
    // What is recorded after the hours have passed is not due for a digest.
    await eventually(
      async () => (await getItems(table, attemptPartition(secretOf(NAME)))).length,
      (attempts) => attempts === 3,
    );
    await letHoursPass(table, NAME);
    await summarize();
    expect(await told('digest')).toEqual([thread(2)]);
    await admin.restore(NAME);
    await putOnBus(admin.lastRecord());
    await letIncidentEnd(NAME, 'restored');
    await letHoursPass(table, NAME);
    await summarize();
    expect(await told('resolved')).toEqual([thread(4)]);
  });

  test('hear of a secret that is gone', async () => {
    const NAME = 'prod/channels-gone';
    await createPending(NAME);
    await putOnBus(await attempt(NAME));
    const opened = await told('opened');
    const thread = await threadOf(NAME);
    expect(opened).toEqual([thread(0)]);
    await admin.purge(NAME);
    await putOnBus(admin.lastRecord());
    await letIncidentEnd(NAME, 'gone');
    await letHoursPass(await deployedTable(CHANNELS), NAME);
    await summarize();
    expect(await told('gone')).toEqual([thread(2)]);
  });

  test('hear of the last call, and that time is up, where nobody can look', async () => {
    const NAME = 'prod/channels-elsewhere';
    const place = { accountId: '123456789012', region: 'us-east-1' };
    const { admin, app } = usersAt(place);
    const { ReadTrailFunctionName } = await deployed(CHANNELS);
    const table = await deployedTable(CHANNELS);
    const byTrail = (record: CloudTrailRecord) =>
      handOver(ReadTrailFunctionName, subscriptionEvent([record]));
    await createPending(NAME, [], admin);
    await byTrail(admin.lastRecord());
    await told('announced');
    await byTrail(await attempt(NAME, app));
    const opened = await told('opened');
    const thread = await threadOf(NAME, place);
    expect(opened).toEqual([thread(0)]);
    await letDaysPass(6, table, NAME, place);
    await summarize();
    expect(await told('last-call')).toEqual([thread(6 * 24)]);
    await letDaysPass(2, table, NAME, place);
    await summarize();
    expect(await told('over')).toEqual([thread(8 * 24)]);
  });

  test.each([
    ['chat', 'ChatFunctionName', 'sns:Publish'],
    ['bus', 'BusFunctionName', 'events:PutEvents'],
  ] as const)(
    '%s that fails keeps no other back, and is replayed alone',
    async (channel, output, action) => {
      const name = `prod/channels-without-${channel}`;
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
