import * as v from 'valibot';
import { attemptPartition } from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import { identifySecret, type SecretId, type Whereabouts } from '../cloudtrail/secret-id.ts';
import { elsewhereOf, lookUp } from '../deletion/describe.ts';
import { readLedger } from '../deletion/ledger.ts';
import type { SecretState } from '../deletion/secret-state.ts';
import { NotifierError } from '../errors.ts';
import { commandText, plainWithin } from '../notice/chat/markdown.ts';
import { MUTE_DAYS } from '../notice/chat/variables.ts';
import { ARN, IN_CHECKOUT, unmuteCommand } from '../notice/commands.ts';
import { deletionLine } from '../notice/deletion-text.ts';
import { addDays, formatUtc, plural } from '../time.ts';
import { isInForce, type Mute } from './incident.ts';
import { incidentOf, type Muted, type MutePorts, muteSecret, standingOf } from './mute.ts';
import { sumUp } from './news.ts';

/** What it takes to answer a button; all but `describeSecret` may throw. */
export interface ButtonPorts extends MutePorts {
  readonly home: Whereabouts;
  /** That of the stack. */
  readonly stage?: string;
  readonly attempts: Pick<AttemptStore, 'read'>;
  /** How much of the run's time is left, in ms. */
  readonly timeLeft: () => number;
}

/** How far back the status counts attempts. */
const STATUS_DAYS = 7;

/** How many callers, and how many mutes, an answer names. */
const MAX_NAMED = 5;

/** How much of the run's time is kept for all else, in ms, when no more attempts are counted. */
const TIME_TO_ANSWER_MS = 4000;

/** What stack/buttons.ts puts into the commands. Whoever is in the channel may send anything. */
const Press = v.strictObject({
  action: v.picklist(['mute', 'status']),
  secret: v.pipe(v.string(), v.regex(ARN)),
});

/**
 * Does what a button asks for.
 * @param payload that of a button, or anything
 * @returns the answer that the chat shows: lines of plain text, in which nothing that strangers wrote formats, pings or links.
 * What cannot be done is such an answer too.
 * @throws what the ports throw, such as for a table that does not answer.
 */
export async function press(payload: unknown, ports: ButtonPorts): Promise<string> {
  const read = v.safeParse(Press, payload);
  const secret = identifySecret(read.success ? read.output.secret : undefined, {});
  if (!read.success || !secret.arn) return NO_BUTTON;
  const lines = await (read.output.action === 'mute' ? mute : status)(secret, ports);
  return lines.join('\n');
}

const NO_BUTTON =
  'Expected what a button sends: action, which is mute or status, and secret, which is a complete ARN. Nothing was done.';

async function mute(secret: SecretId, ports: ButtonPorts): Promise<string[]> {
  const request = {
    secret: secret.arn ?? '',
    until: addDays(ports.now(), MUTE_DAYS),
    reason: 'Mute button',
    keepsLonger: true,
  };
  if (!(await isHeardOf(secret, ports))) {
    return [`Not muted: ${nameOf(secret, ports)}`, 'Nothing has been recorded of it.'];
  }
  try {
    return mutedLines(await muteSecret(request, ports.home, ports), ports);
  } catch (error) {
    const code = error instanceof NotifierError ? error.code : undefined;
    const refusal = code && REFUSALS[code];
    if (!refusal) throw error;
    const next = code === 'TOO_MANY_MUTES' ? [removal(secret, ports)] : [];
    return [`Not muted: ${nameOf(secret, ports)}`, refusal, ...next];
  }
}

/**
 * Whether a secret is one that a message can be about: at home AWS knows, elsewhere a record must have come, lest anybody in the
 * channel fill the table with ARNs.
 */
async function isHeardOf(secret: SecretId, ports: ButtonPorts): Promise<boolean> {
  if (!elsewhereOf(secret, ports.home)) return true;
  if (await incidentOf(secret, () => true, ports)) return true;
  return (await readLedger(secret, ports.getItems)).change !== undefined;
}

const REFUSALS: Partial<Record<NotifierError['code'], string>> = {
  NOT_PENDING: 'It is neither scheduled for deletion nor known as deleted.',
  AWS_REFUSED: 'AWS did not say whether it is scheduled for deletion. Press again in a minute.',
  TIME_UP: 'Its time is up: it is deleted, or will be at any moment.',
  TOO_MANY_MUTES: 'It has as many mutes in force as it can have.',
};

/** How to end a secret's mutes. */
function removal(secret: SecretId, { home, stage }: ButtonPorts): string {
  const { arn: id, name, region } = secret;
  const elsewhere = elsewhereOf(secret, home);
  const command = unmuteCommand({ id, name, region, elsewhere }, { stage, region: home.region });
  return `To end its mutes, ${IN_CHECKOUT}: \`${commandText(command) ?? 'npm run mute -- --help'}\``;
}

function mutedLines(muted: Muted, ports: ButtonPorts) {
  const { secret, mute, schedule, end, cutFrom, replaced, unchecked, isKept } = muted;
  if (isKept) {
    return [
      `Muted already: ${nameOf(secret, ports)}`,
      `Nothing was changed: a mute that lasts as long or longer is in force, ${byLine(mute)}`,
      removal(secret, ports),
    ];
  }
  const until = formatUtc(mute.until ?? end);
  const latest = schedule
    ? `Until its deletion ends, ${until} at the latest`
    : `Until its deletion is forgotten, ${until}`;
  return [
    `Muted: ${nameOf(secret, ports)}`,
    cutFrom ? latest : `For ${MUTE_DAYS} days, until ${until}`,
    ...(unchecked ? [plainWithin(unchecked, 400)] : []),
    ...replaced.slice(0, MAX_NAMED).map((other) => `In place of the mute ${byLine(other)}`),
    'Attempts are still counted.',
    removal(secret, ports),
  ];
}

async function status(asked: SecretId, ports: ButtonPorts): Promise<string[]> {
  const now = ports.now();
  const lookup = await lookUp(asked, ports);
  const { secret, state, unchecked } = await standingOf(asked, lookup, ports);
  const known = await incidentOf(asked, () => true, ports);
  const { callers, muted, isLeast } = await count(
    known?.secret ?? secret,
    known?.incident.mutes,
    ports,
  );
  const mutes = (known?.incident.mutes ?? []).filter((one) => isInForce(one, now));
  return [
    nameOf(secret, ports),
    ...stateLines(state, now),
    ...(unchecked ? [plainWithin(unchecked, 400)] : []),
    ...callerLines(callers, isLeast),
    ...(muted > 0 ? [`Muted besides: ${plural(muted, 'attempt')}`] : []),
    ...mutes.slice(0, MAX_NAMED).map((one) => `Mute ${byLine(one)}${ofCaller(one)}`),
    ...moreLine(mutes.length, 'mute'),
  ];
}

function stateLines(state: SecretState, now: Date): string[] {
  if (state.state === 'restored') return ['Not scheduled for deletion'];
  const { deletion } = state;
  const by =
    deletion && `By ${code(deletion.requestedBy.name)}, ${formatUtc(deletion.requestedAt)}`;
  return [`Deletion: ${deletionLine(state, now)}`, ...(by ? [by] : [])];
}

interface Caller {
  readonly name: string;
  readonly count: number;
  readonly last: Date;
}

/** The attempts of the last days, by caller; those of ignored callers are left out. */
async function count(secret: SecretId, mutes: readonly Mute[] = [], ports: ButtonPorts) {
  const now = ports.now();
  const sum = sumUp({ mutes, isNamed: () => true });
  const span = { since: addDays(now, -STATUS_DAYS), until: now };
  let isLate = false;
  for await (const page of ports.attempts.read(attemptPartition(secret), span)) {
    if (isLate) {
      sum.stop();
      break;
    }
    for (const attempt of page) sum.add(attempt);
    isLate = ports.timeLeft() < TIME_TO_ANSWER_MS;
  }
  // One secret may have been read under several forms of its id.
  const callers = new Map<string, Caller>();
  let muted = 0;
  let isLeast = false;
  for (const form of sum.attempts()) {
    for (const [key, { callerName: name, count, last }] of form.callers) {
      const { count: before = 0, last: other = last } = callers.get(key) ?? {};
      callers.set(key, { name, count: before + count, last: last > other ? last : other });
    }
    for (const { count } of form.muted) muted += count;
    isLeast ||= form.isLeast;
  }
  return { callers: [...callers.values()], muted, isLeast };
}

function callerLines(callers: readonly Caller[], isLeast: boolean): string[] {
  const total = callers.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return [`No attempt in ${STATUS_DAYS} days`];
  const most = callers.toSorted((a, b) => b.count - a.count).slice(0, MAX_NAMED);
  return [
    `${isLeast ? 'At least ' : ''}${plural(total, 'attempt')} in ${STATUS_DAYS} days`,
    ...most.map(({ name, count, last }) => `- ${code(name)}: ${count}, last ${formatUtc(last)}`),
    ...moreLine(callers.length, 'caller'),
  ];
}

const moreLine = (count: number, unit: string): string[] =>
  count > MAX_NAMED ? [`- and ${plural(count - MAX_NAMED, `more ${unit}`)}`] : [];

/** What it is called, and where it is if not where the stack is. */
function nameOf(secret: SecretId, { home }: ButtonPorts): string {
  const { accountId, region } = elsewhereOf(secret, home) ?? {};
  const place = [accountId && `account ${accountId}`, region].filter(Boolean).join(', ');
  return `${code(secret.name ?? '')}${place ? ` in ${place}` : ''}`;
}

const byLine = ({ by, reason, until }: Mute): string =>
  `by ${code(by)} ${until ? `until ${formatUtc(until)}` : 'to the end of its deletion'}: ${code(reason)}`;

const ofCaller = ({ caller }: Mute): string => (caller ? `, of ${code(caller)}` : '');

/** What strangers wrote: as code, in which nothing formats. */
const code = (text: string): string => `\`${plainWithin(text, 80) || '?'}\``;
