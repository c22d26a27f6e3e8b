import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { secretKey } from '../../lib/cloudtrail/secret-id.ts';
import { lookupEvents } from '../../lib/deletion/history.ts';
import { NotifierError } from '../../lib/errors.ts';
import { addDays, formatUtc, plural } from '../../lib/time.ts';
import { expected } from '../aws-errors.ts';
import { interruption } from '../interruption.ts';
import { printNote } from '../print.ts';
import { withTimeLeft } from '../progress.ts';
import { beginSearch, LATE_MS, type Question, type Search } from './history.ts';
import { createReaders, lastReadOf, type Readers, type Window } from './readers.ts';
import { BATCH, READING_CALLS, readsIn, secretFinder } from './reads.ts';
import type { Asked } from './secrets.ts';
import type { State } from './state.ts';
import { type Survey, survey, windowOf } from './survey.ts';

const TITLE = 'Event history';

/**
 * Reads who has read the secrets in the last days. What has been read is in the state, from which the same question goes on.
 * Reports on stderr how far it got; if that is not to the end, sets the exit code.
 * @returns `undefined` if it was interrupted or refused.
 * @throws NotifierError `AWS_REFUSED` if it was refused before there was anything to go on from; any other error as it is.
 */
export async function readSurvey(
  secrets: readonly Asked[],
  scope: Pick<Survey, 'accountId' | 'region' | 'days' | 'profile' | 'isOfAll'>,
  client: CloudTrailClient,
  state: State,
): Promise<Survey | undefined> {
  const { days, isOfAll } = scope;
  const signal = interruption();
  const window = windowOf(days, new Date());
  const byKey = new Map(secrets.map((asked) => [secretKey(asked.id), asked]));
  const readers = createReaders(window, (key) => byKey.get(key)?.secret.createdDate);
  const find = secretFinder(secrets.map(({ id }) => id));
  const search = beginSearch(isOfAll ? ALL_READS : secrets.flatMap(questionsOn), window, {
    state,
    readsIn: (record) => readsIn(record, find),
    onReads: readers.add,
  });
  if (search.isResumed) {
    printNote(
      `${TITLE}: goes on after the ${plural(search.records(), 'event')} of an earlier run.`,
    );
  }
  const ask = lookupEvents(client, signal);
  const run = () =>
    withTimeLeft(
      TITLE,
      () => Date.now(),
      (show) =>
        search.run(ask, () =>
          show(
            search.part(),
            `${plural(search.records(), 'event')}, back to ${search.readTo().toISOString().slice(0, 10)}`,
          ),
        ),
      search.part(),
    );
  try {
    await run();
    const hidden = secrets.find((asked) =>
      isHidden(asked, readers.of(secretKey(asked.id)), window),
    );
    if (!isOfAll && hidden && addQuestions(search, ALL_READS)) {
      const day = hidden.secret.lastAccessedDate?.toISOString().slice(0, 10);
      printNote(
        `${TITLE}: by the secret it does not show the read of ${day} that AWS tells, so now all reads in the Region are searched.`,
      );
      await run();
    }
  } catch (error) {
    reportStop(error, search, window, signal);
    return undefined;
  }
  printNote(`${TITLE}: ${plural(search.records(), 'event')} back to ${formatUtc(window.from)}.`);
  return survey(secrets, readers, { ...scope, window });
}

const ALL_READS: readonly Question[] = READING_CALLS.map((value) => ({
  attribute: 'EventName',
  value,
}));

/**
 * AWS documents the name as the name of the resource; a record of a read has nothing else than what the caller sent, which may
 * be the ARN, or the ARN without its suffix. A batch has a list or filters, and so no name to be found by; of most accounts
 * they are few.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html
 */
function questionsOn({ secret: { name, arn } }: Asked): Question[] {
  const values = new Set([name, arn, arn.replace(/-[^-]*$/, '')]);
  return [
    ...[...values].map((value): Question => ({ attribute: 'ResourceName', value })),
    { attribute: 'EventName', value: BATCH },
  ];
}

/**
 * Whether AWS tells of a read in the window that is later than all that were found. It tells the day; one of this day may
 * not be in the history yet.
 */
function isHidden({ secret }: Asked, readers: Readers, { from, to }: Window): boolean {
  const day = secret.lastAccessedDate;
  if (!day || day < from) return false;
  if (addDays(day, 1).getTime() + LATE_MS >= to.getTime()) return false;
  const last = lastReadOf(readers);
  return !last || last < day;
}

/** @returns whether any of them is new. */
const addQuestions = (search: Search, questions: readonly Question[]) =>
  questions.map((question) => search.addQuestion(question)).includes(true);

/** @throws the error if it is a defect, or there is nothing to go on from. */
function reportStop(error: unknown, search: Search, window: Window, signal: AbortSignal): void {
  const fault = signal.aborted ? undefined : expected(error);
  if (fault && !(fault instanceof NotifierError && search.records() > 0)) throw fault;
  process.exitCode ||= 1;
  const why = fault instanceof NotifierError ? fault.message : 'interrupted';
  const got = `${plural(search.records(), 'event')} back to ${formatUtc(search.readTo())}`;
  printNote(`${TITLE}: ${why}; ${got}.`, 'yellow');
  printNote(
    `The rest, back to ${formatUtc(window.from)}, is missing: run it again, and it goes on from there.`,
  );
}
