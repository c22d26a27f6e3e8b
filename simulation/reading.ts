import type { Mail } from '../lib/notice/mail/mail.ts';

/** What a message tells, read from its text as a person would. */
export type Reading =
  | { readonly kind: 'alert'; readonly attempt: number }
  | {
      readonly kind: 'summary';
      readonly counts: readonly SummaryLine[];
      /** Attempts of callers that the summary had no room for. */
      readonly rest: number;
    };

interface SummaryLine {
  readonly secret: number;
  readonly caller: number;
  readonly count: number;
}

/** @throws Error for a message that is neither an alert nor a summary of a storm. */
export function readMessage(mail: Mail): Reading {
  if (mail.attributes.action === 'summary') return readSummary(mail.body);
  const attempt = /^With: +attempt\/(\d+)$/m.exec(mail.body)?.[1];
  if (attempt) return { kind: 'alert', attempt: Number(attempt) };
  throw new Error(`A message that is neither an alert nor a summary: ${mail.subject}`);
}

function readSummary(body: string): Reading {
  const counts: SummaryLine[] = [];
  let secret: number | undefined;
  let rest = 0;
  // A line that goes on is indented by at least four.
  for (const line of body.replace(/\n {4,}/g, ' ').split('\n')) {
    const name = /^storm\/s(\d+)/.exec(line)?.[1];
    if (name) secret = Number(name);
    const [, count, caller] = /^ {2}- (\d+) x .*?caller-(\d+)/.exec(line) ?? [];
    if (count && secret !== undefined) {
      counts.push({ secret, caller: Number(caller), count: Number(count) });
    }
    const more = /^… and .*, (\d+) attempts?\.$/.exec(line)?.[1];
    if (more) rest = Number(more);
  }
  if (counts.length === 0) throw new Error(`A summary of nothing: ${body}`);
  return { kind: 'summary', counts, rest };
}
