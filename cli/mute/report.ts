import { lookupId, type SecretId, type Whereabouts } from '../../lib/cloudtrail/secret-id.ts';
import { elsewhereOf } from '../../lib/deletion/describe.ts';
import { isInForce, type Mute } from '../../lib/incident/incident.ts';
import type { Muted, SecretMute } from '../../lib/incident/mute.ts';
import { DEFAULT_STAGE } from '../../lib/notice/commands.ts';
import { defang, oneLine } from '../../lib/text.ts';
import { formatUtc } from '../../lib/time.ts';
import { quoted } from '../run-command.ts';
import type { ServiceOptions } from '../service.ts';
import { terminalName } from '../status/wording.ts';

/** What a mute does, until when, and how to remove it. @param home where the stack is */
export function mutedText(muted: Muted, options: ServiceOptions, home: Whereabouts): string {
  const { secret, mute, schedule, cutFrom, replaced, unchecked } = muted;
  const notes = [
    ...(unchecked ? [unchecked] : []),
    ...(schedule ? [] : ['It is gone: only those are muted who read it all the same.']),
    ...(cutFrom ? [`Not until ${formatUtc(cutFrom)}: ${beyond(schedule)}.`] : []),
    ...replaced.map((other) => `In place of the mute ${madeBy(other)}.`),
    'Attempts are still recorded, and counted in digests and in npm run status.',
  ];
  const command = ['npm run mute --', ...removalOf(idFor(secret, home), mute, options)].join(' ');
  return [`Muted: ${blockOf(muted)}`, notes.map(plain).join('\n'), `To remove it: ${command}`].join(
    '\n\n',
  );
}

function beyond(schedule: Muted['schedule']): string {
  if (!schedule) return 'by then its deletion is forgotten';
  const end = schedule.kind === 'exact' ? 'the end' : 'the latest possible end';
  return `that is beyond ${end} of the deletion`;
}

/** By what the command finds a secret: a bare name is one of the stack's account and Region. */
const idFor = (secret: SecretId, home: Whereabouts): string =>
  (elsewhereOf(secret, home) ? lookupId(secret) : secret.name) ?? '';

function removalOf(id: string, { caller }: Mute, options: ServiceOptions): string[] {
  const { stage, region, profile } = options;
  const values = {
    secret: id,
    caller,
    stage: stage === DEFAULT_STAGE ? undefined : stage,
    region,
    profile,
  };
  const given = Object.entries(values).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option} ${quoted(value)}`],
  );
  return [...given, '--remove'];
}

/** The mutes that were removed. */
export function removedText(removed: readonly SecretMute[]): string {
  const blocks = removed.map((one) => `Removed: ${blockOf(one)}`);
  return [...blocks, 'From now on attempts are reported as those of any other caller.'].join(
    '\n\n',
  );
}

/** The mutes in force; of a secret elsewhere with its ARN, by which it is to be named. @param home where the stack is */
export function listText(mutes: readonly SecretMute[], now: Date, home: Whereabouts): string {
  const inForce = mutes.filter(({ mute }) => isInForce(mute, now));
  if (inForce.length === 0) return 'No mute is in force.';
  return inForce
    .map((one) => {
      const id = idFor(one.secret, home);
      return id.startsWith('arn:') ? `${blockOf(one)}\n  ARN:     ${plain(id)}` : blockOf(one);
    })
    .join('\n\n');
}

/** A mute in some lines, the first of which names its secret. What people wrote makes no link, and drives no terminal. */
function blockOf({ secret, mute }: SecretMute): string {
  const { name = 'a secret without a name', accountId, region } = secret;
  const place = `account ${plain(accountId ?? 'unknown')}, Region ${plain(region ?? 'unknown')}`;
  const arn = mute.byArn ? ` (${plain(mute.byArn)})` : '';
  return [
    `${terminalName(name)}, ${place}`,
    `  Caller:  ${plain(mute.caller ?? 'all')}`,
    `  Until:   ${mute.until ? formatUtc(mute.until) : 'the end of the deletion'}`,
    `  By:      ${plain(mute.by)}${arn}, on ${formatUtc(mute.from)}`,
    `  Reason:  ${plain(mute.reason)}`,
  ].join('\n');
}

const madeBy = (mute: Mute) =>
  `by ${mute.by} of ${formatUtc(mute.from)}: ${mute.reason.replace(/\.$/, '')}`;

const plain = (text: string) => defang(oneLine(text, 1500));

/** The same for machines. */
export const mutedJson = (
  { secret, mute, schedule, cutFrom, replaced, unchecked }: Muted,
  now: Date,
) => ({
  muted: muteJson({ secret, mute }, now),
  deletion: schedule ?? { kind: 'gone' },
  unchecked,
  cutFrom,
  replaced: replaced.map((one) => muteJson({ secret, mute: one }, now)),
});

export const removedJson = (removed: readonly SecretMute[], now: Date) => ({
  removed: removed.map((one) => muteJson(one, now)),
});

/** All of them, also those that have ended. */
export const listJson = (mutes: readonly SecretMute[], now: Date) => ({
  mutes: mutes.map((one) => muteJson(one, now)),
});

function muteJson({ secret, mute }: SecretMute, now: Date) {
  const { name, accountId, region } = secret;
  const { id: _, ...rest } = mute;
  return { secret: name, accountId, region, ...rest, isInForce: isInForce(mute, now) };
}
