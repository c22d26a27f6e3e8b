import { NotifierError } from '../../lib/errors.ts';
import type { MuteRequest } from '../../lib/incident/mute.ts';
import { oneLine } from '../../lib/text.ts';
import { DAY_MS, formatUtc, HOUR_MS, MINUTE_MS, parseDayOrTime } from '../../lib/time.ts';
import { SETTINGS } from '../../stack/settings.ts';

/** The options of the command, as they are given. */
export interface MuteOptions {
  readonly secret?: string;
  readonly caller?: string;
  readonly until?: string;
  readonly for?: string;
  readonly reason?: string;
  readonly list?: boolean;
  readonly remove?: boolean;
}

/** What to do. */
export type Request =
  | ({ readonly kind: 'mute' } & MuteRequest)
  | ({ readonly kind: 'remove' } & Pick<MuteRequest, 'secret' | 'caller'>)
  | { readonly kind: 'list' };

/** Which options go with what is to be done. */
const TAKEN = {
  mute: ['secret', 'caller', 'until', 'for', 'reason'],
  remove: ['secret', 'caller', 'remove'],
  list: ['list'],
} as const satisfies Record<Request['kind'], readonly (keyof MuteOptions)[]>;

/** In characters: so that a mail has room for it. */
const MAX_REASON = 200;

/** In characters, as of an ARN: so that an item of the table has room for it. */
const MAX_CALLER = 2048;

/**
 * Reads the options.
 * @throws NotifierError `INVALID_OPTIONS`, which names all faults at once.
 */
export function readRequest(options: MuteOptions, now: Date): Request {
  const kind = options.list ? 'list' : options.remove ? 'remove' : 'mute';
  const faults: string[] = misplaced(options, kind);
  const read = <Value>(value: Value | Fault): Value | undefined => {
    if (!(value instanceof Fault)) return value;
    faults.push(value.text);
    return undefined;
  };
  const secret = kind === 'list' ? '' : (read(secretIn(options)) ?? '');
  const caller = read(callerIn(options));
  const until = kind === 'mute' ? read(untilIn(options, now)) : undefined;
  const reason = kind === 'mute' ? (read(reasonIn(options)) ?? '') : '';
  if (faults.length > 0) {
    const next = 'npm run mute -- --help shows how.';
    throw new NotifierError('INVALID_OPTIONS', [...faults, next].join(' '));
  }
  switch (kind) {
    case 'mute':
      return { kind, secret, caller, until, reason };
    case 'remove':
      return { kind, secret, caller };
    case 'list':
      return { kind };
  }
}

/** What is wrong with an option, as a sentence. */
class Fault {
  readonly text: string;

  constructor(expected: string, got: string) {
    this.text = `Expected ${expected}, got ${oneLine(got, 100) || 'nothing'}.`;
  }
}

function misplaced(options: MuteOptions, kind: Request['kind']): string[] {
  const taken: readonly string[] = TAKEN[kind];
  const others = Object.keys(TAKEN)
    .flatMap((other) => TAKEN[other as Request['kind']])
    .filter((name, i, all) => all.indexOf(name) === i && !taken.includes(name));
  const given = others.filter((name) => options[name] !== undefined).map((name) => `--${name}`);
  if (given.length === 0) return [];
  const expected = kind === 'list' ? '--list alone' : '--remove with --secret and --caller alone';
  return [new Fault(expected, `${given.join(', ')} too`).text];
}

function secretIn({ secret = '' }: MuteOptions): string | Fault {
  return secret.trim() || new Fault('--secret to be the name or the ARN of a secret', '');
}

/** A mail writes what would be a link with `[.]` and `[:]`. */
function callerIn({ caller }: MuteOptions): string | undefined | Fault {
  if (caller === undefined) return undefined;
  const pattern = caller.trim().replace(/\[([.:])\]/g, '$1');
  // Of the setting's list of patterns this is one; and an empty list is one of them.
  const isOne = pattern !== '' && pattern.length <= MAX_CALLER && !pattern.includes(',');
  if (isOne && SETTINGS.ignoredCallers.accepts(pattern)) return pattern;
  const example = 'of a role, not of its sessions: arn:aws:iam::*:role/batch';
  const expected = `one pattern of what a mail shows as Caller ARN (* stands for any characters; ${example}) that fits neither everybody nor nobody`;
  return new Fault(`--caller to be ${expected}`, caller);
}

const UNITS: Readonly<Record<string, number>> = {
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

function untilIn(options: MuteOptions, now: Date): Date | undefined | Fault {
  const { until, for: span } = options;
  if (until !== undefined && span !== undefined) {
    return new Fault('one of --until and --for', 'both');
  }
  if (span !== undefined) {
    const [, count = '', unit = ''] = /^([1-9]\d{0,5})([mhdw])$/.exec(span.trim()) ?? [];
    const ms = Number(count) * (UNITS[unit] ?? 0);
    return ms > 0
      ? new Date(now.getTime() + ms)
      : new Fault('--for to be a span such as 30m, 12h, 7d or 2w', span);
  }
  if (until === undefined) return undefined;
  const date = parseDayOrTime(until);
  const expected = '--until to be a date such as 2026-12-01, or a time such as 2026-12-01T09:00Z';
  if (!date) return new Fault(expected, until);
  if (date > now) return date;
  return new Fault(`--until to be later than now, which is ${formatUtc(now)}`, until);
}

function reasonIn({ reason = '' }: MuteOptions): string | Fault {
  const expected = `--reason to say why, in at most ${MAX_REASON} characters`;
  const text = oneLine(reason, MAX_REASON + 1);
  if (text.length > MAX_REASON) return new Fault(expected, `${reason.length}`);
  return text || new Fault(expected, '');
}
