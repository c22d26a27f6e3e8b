import type { Summarized } from '../../lib/incident/summarize.ts';
import type { CallerAttempts, DigestNotice, SecretNews } from '../../lib/notice/digest.ts';

/** What a run sent, a line for each secret of a notice: `digest prod/db: new 1 x role app, 2 x role batch (1 new), 3 muted`. */
export function linesOf(summarized: Summarized): string[] {
  if (summarized.outcome !== 'done') return [summarized.outcome];
  return summarized.sent.flatMap(({ kind, secrets, mutedSecrets }) =>
    [...secrets, ...mutedSecrets].map((one) => lineOf(kind, one)),
  );
}

function lineOf(kind: DigestNotice['kind'], news: SecretNews): string {
  const { secret, isNew, callers, muted, ignored } = news;
  const parts = [
    ...[...callers.values()].map(callerText),
    ...muted.map(({ by, count }) => `${count} muted by ${by}`),
    ...(ignored > 0 ? [`${ignored} ignored`] : []),
  ];
  return `${kind} ${isNew ? 'new ' : ''}${secret.name}: ${parts.join(', ')}`;
}

function callerText({ callerName, isNew, count, news }: CallerAttempts): string {
  const part = news === count ? '' : ` (${news} new)`;
  return `${isNew ? 'new ' : ''}${count} x ${callerName}${part}`;
}

/** How many attempts a run has reported that no other notice had, muted and ignored ones included. */
export function newsIn(summarized: Summarized): number {
  if (summarized.outcome !== 'done') return 0;
  const counts = summarized.sent.flatMap(({ secrets, mutedSecrets }) =>
    [...secrets, ...mutedSecrets].flatMap(({ callers, muted, ignored }) => [
      ...[...callers.values()].map(({ news }) => news),
      ...muted.map(({ news }) => news),
      ignored,
    ]),
  );
  return counts.reduce((total, count) => total + count, 0);
}
