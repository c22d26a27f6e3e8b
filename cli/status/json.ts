import { oneLine } from '../../lib/text.ts';
import { DAY_MS } from '../../lib/time.ts';
import { isPartlyUnknown, type SecretStatus, type Status } from './status.ts';
import { countOf, lastOf } from './tally.ts';
import { daysLeft } from './wording.ts';

/** The status as plain data for machines: times in ISO 8601, spans in days, rounded down as everywhere. */
export function statusJson(status: Status) {
  const { time, accountId, region, knownSince, drills, secrets } = status;
  return {
    time,
    accountId,
    region,
    attemptsKnownSince: knownSince,
    drillsLeftOut: drills,
    secrets: secrets.map((secret) => secretJson(secret, status)),
  };
}

function secretJson(status: SecretStatus, all: Status) {
  const { secret, schedule, deletion, owners, attempts, verdict } = status;
  const { least, most } = daysLeft(schedule, all.time);
  return {
    name: secret.name,
    arn: secret.arn,
    deletion: schedule,
    daysLeft: { least: rounded(least), most: rounded(most) },
    scheduled: deletion && {
      by: oneLine(deletion.requestedBy.key, 2048),
      from: deletion.sourceAddress,
      at: deletion.requestedAt,
      windowDays: deletion.windowDays,
    },
    lastAccessedDate: secret.lastAccessedDate?.toISOString().slice(0, 10),
    owner: owners[0]?.value,
    managedBy: secret.owningService,
    attempts: {
      count: countOf(attempts.values()),
      last: lastOf(attempts),
      callers: [...attempts].map(([key, { callerName, count, first, last }]) => ({
        caller: key,
        name: callerName,
        count,
        first,
        last,
      })),
      isComplete: !isPartlyUnknown(status, all),
    },
    verdict,
  };
}

/** To hundredths, by whole ms: a day is no exact fraction of them. */
const rounded = (days: number) => Math.floor((Math.round(days * DAY_MS) * 100) / DAY_MS) / 100;
