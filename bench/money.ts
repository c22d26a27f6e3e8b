import { resourceOf, type Template } from '../emulators/template.ts';
import type { Report } from '../simulation/report.ts';
import { SCHEDULE } from '../stack/functions.ts';
import { READS_MAPPING } from '../stack/reads-queue.ts';
import type { ColdLoads } from './cold-load.ts';
import { sum } from './measure/measuring.ts';
import { dollars, type Section, whole } from './report/section.ts';
import type { Sifting } from './sifting.ts';
import type { WarmKind, WarmRuns } from './warm-attempt.ts';

/**
 * When these prices were looked up: on copies of AWS's pages and, where a script fills in a page's numbers (Lambda,
 * DynamoDB), in articles of 2025 and 2026 that quote them.
 */
const PRICES_OF = '2026-11-24';

/** The Region of these prices. */
const PRICES_REGION = 'us-east-1';

/** A list price in US dollars. */
interface Price {
  readonly what: string;
  readonly dollars: number;
  /** The number of units for that price. */
  readonly per: number;
  /** AWS's page. */
  readonly page: string;
}

const pageOf = (service: string) => `https://aws.amazon.com/${service}/pricing/`;
const LAMBDA = pageOf('lambda');
const DYNAMODB = `${pageOf('dynamodb')}on-demand/`;
const SECRETS_MANAGER = pageOf('secrets-manager');
const SNS = pageOf('sns');
const SQS = pageOf('sqs');
const CLOUDWATCH = pageOf('cloudwatch');

/**
 * AWS's list prices, the first tier of each, without the free tier; of functions on arm64, of tables on demand. What is
 * kept or watched is paid by the month. Those of EventBridge are left out: events of AWS itself and rules on a schedule
 * cost nothing (https://aws.amazon.com/eventbridge/pricing/).
 */
export const PRICES = {
  lambdaGbSeconds: { what: 'Lambda, time', dollars: 0.0000133334, per: 1, page: LAMBDA },
  lambdaRequests: { what: 'Lambda, requests', dollars: 0.2, per: 1e6, page: LAMBDA },
  /** A unit writes up to 1 KB. */
  tableWriteUnits: { what: 'DynamoDB, calls', dollars: 0.625, per: 1e6, page: DYNAMODB },
  /** A unit reads up to 4 KB, strongly consistent. */
  tableReadUnits: { what: 'DynamoDB, digests', dollars: 0.125, per: 1e6, page: DYNAMODB },
  tableGb: { what: 'DynamoDB, storage', dollars: 0.25, per: 1, page: DYNAMODB },
  backupGb: { what: 'DynamoDB, point-in-time recovery', dollars: 0.2, per: 1, page: DYNAMODB },
  secretsManagerCalls: {
    what: 'Secrets Manager, calls',
    dollars: 0.05,
    per: 10_000,
    page: SECRETS_MANAGER,
  },
  snsPublications: { what: 'SNS, messages', dollars: 0.5, per: 1e6, page: SNS },
  emails: { what: 'SNS, e-mails', dollars: 2, per: 100_000, page: SNS },
  queueRequests: { what: 'SQS, requests', dollars: 0.4, per: 1e6, page: SQS },
  logGb: { what: 'CloudWatch Logs, ingestion', dollars: 0.5, per: 1, page: CLOUDWATCH },
  logStorageGb: { what: 'CloudWatch Logs, storage', dollars: 0.03, per: 1, page: CLOUDWATCH },
  metrics: { what: 'CloudWatch, metrics', dollars: 0.3, per: 1, page: CLOUDWATCH },
  alarms: { what: 'CloudWatch, alarms', dollars: 0.1, per: 1, page: CLOUDWATCH },
  compositeAlarms: { what: 'CloudWatch, composite alarm', dollars: 0.5, per: 1, page: CLOUDWATCH },
  dashboards: { what: 'CloudWatch, dashboard', dollars: 3, per: 1, page: CLOUDWATCH },
} satisfies Record<string, Price>;

type PriceName = keyof typeof PRICES;

/** Of management events that another trail delivers too: the first copy in a Region costs nothing. */
const SECOND_COPY: Price = {
  what: 'CloudTrail, events',
  dollars: 2,
  per: 100_000,
  page: pageOf('cloudtrail'),
};

/** Assumed values, on the high side. */
const ASSUMED = {
  /** The duration of a call of AWS, in ms. */
  callMs: 10,
  /** What Lambda itself logs of a run, in bytes: its start and its report, as JSON. */
  platformLogBytes: 700,
  /** A record of CloudTrail, in bytes. */
  recordBytes: 1500,
};

/**
 * The memory that comes with one whole processor, in MB.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const MB_OF_ONE_CPU = 1769;

/** The cost of a month of so many attempts, in US dollars. */
export interface Month {
  readonly attempts: number;
  readonly costs: Readonly<Record<PriceName, number>>;
  readonly total: number;
  /** The part that a month without attempts costs too. */
  readonly idle: number;
  /** The part that the attempts cost because they come by the trail's log group as well. */
  readonly trailPath: number;
}

/** The units of each price in a month. */
type Usage = Readonly<Record<PriceName, number>>;

/** The measurements behind the costs. */
export interface Measured {
  readonly template: Template;
  readonly coldLoads: ColdLoads;
  readonly warm: WarmRuns;
  /** Of storms, the smallest first. */
  readonly storms: readonly Report[];
}

/** Those of the functions, and the one behind the classic alarm; each costs in a month in which it has a value. */
const METRICS = 15;

/** By how much the notice that is most overdue has missed its time, which each run of `summarize` writes. */
const IDLE_METRICS = 1;

const HOURS_OF_A_MONTH = 730;

/** Of `summarize`, whether or not anything is due. */
const RUNS_OF_A_MONTH = (HOURS_OF_A_MONTH * 60) / SCHEDULE.minutes;

/**
 * How often Lambda asks an empty queue for messages: by five pollers, of which it spares none where the concurrency is limited, each
 * of which waits as long as Amazon SQS lets it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
 */
const POLLS_OF_A_MONTH = (5 * HOURS_OF_A_MONTH * 3600) / 20;

/** An attempt is kept for 60 days (lib/attempt/item.ts): that of two months. */
const MONTHS_KEPT = 2;

/** One a day, each of which reads all attempts on its secrets that are kept. */
const DIGESTS_OF_A_MONTH = 30;

const READ_UNIT_BYTES = 4096;

const GB = 1e9;

/**
 * Estimates the cost of months of so many attempts at list prices. The attempts of a month come as storms: as many as it
 * takes of the largest measured one that is no larger than the month, or a part of the smallest.
 */
export function reckon(months: readonly number[], measured: Measured): Month[] {
  const monthOf = (attempts: number) => {
    const byTrail = usageOfTrailPath(attempts, measured);
    const usage = Object.entries(usageOf(attempts, measured)).map(([name, units]) => [
      name,
      units + (byTrail[name as PriceName] ?? 0),
    ]);
    const costs = costsOf(Object.fromEntries(usage)) as Month['costs'];
    return { attempts, costs, total: total(costs), trailPath: total(costsOf(byTrail)) };
  };
  const idle = monthOf(0).total;
  return months.map((attempts) => ({ ...monthOf(attempts), idle }));
}

const costsOf = (usage: Partial<Usage>): Partial<Month['costs']> =>
  Object.fromEntries(
    Object.entries(usage).map(([name, units]) => [name, costOf(PRICES[name as PriceName], units)]),
  );

/**
 * Amazon SQS's requests for a read that waits in the queue: one message, and a tenth of what receives, and of what deletes, ten at a time.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const REQUESTS_OF_A_READ = 1.2;

/**
 * An hour of 1,000 reads a second of names that never were, in US dollars: the queue's requests, the function's runs, which are busy all
 * the time, and the list that each of its processes reads once a minute.
 */
export function costOfSifting({ batch, cpuMs, readUnits, tableReads }: Sifting): number {
  const reads = 1000 * 3600;
  const runs = reads / batch;
  const lists = READS_MAPPING.ScalingConfig.MaximumConcurrency * 60;
  return sum(
    Object.values(
      costsOf({
        queueRequests: reads * REQUESTS_OF_A_READ,
        lambdaRequests: runs,
        lambdaGbSeconds: ((runs * cpuMs) / 1000) * (MB_OF_ONE_CPU / 1024),
        tableReadUnits: (lists * readUnits) / tableReads,
      }),
    ),
  );
}

const costOf = ({ dollars, per }: Price, units: number) => (units * dollars) / per;

const total = (costs: Readonly<Record<string, number>>) => sum(Object.values(costs));

/**
 * What a trail beside another costs for so many management events, in US dollars: each is a second copy, and goes into a log
 * group. What its bucket stores is little beside that.
 */
export const costOfTrail = (events: number): number =>
  costOf(SECOND_COPY, events) + costOf(PRICES.logGb, (events * ASSUMED.recordBytes) / GB);

function usageOf(attempts: number, { template, coldLoads, warm, storms }: Measured): Usage {
  const storm = storms.findLast((each) => each.attempts <= attempts) ?? storms[0];
  if (!storm) throw new RangeError('Expected at least one storm, got none');
  const times = attempts / storm.attempts;
  const alerts = storm.alerts * times;
  // Lambda retries each run that failed or was killed.
  const runs = (storm.delivered + storm.failedRuns + storm.killedRuns) * times;
  const heldBack = runs - alerts;
  const notifyMb = resourceOf(template, 'NotifyLambdaFunction').Properties.MemorySize;
  const summarizeMb = resourceOf(template, 'SummarizeLambdaFunction').Properties.MemorySize;
  const { notify, summarize } = coldLoads.functions;
  const calls = (service: string) => (storm.callsPerAttempt[service] ?? 0) * attempts;
  const log = (kind: WarmKind) => warm[kind].printedBytes + ASSUMED.platformLogBytes;
  const logGb =
    (alerts * log('alert') + heldBack * log('repeat') + RUNS_OF_A_MONTH * log('idle')) / GB;
  const kept = warm.known.bytesSent * attempts * MONTHS_KEPT; // the request is larger than the item
  return {
    lambdaRequests: runs + RUNS_OF_A_MONTH,
    lambdaGbSeconds:
      alerts * gbSeconds(warm, 'alert', notifyMb, notify.ours.publishMs) +
      heldBack * gbSeconds(warm, 'repeat', notifyMb) +
      // A digest reads each attempt, which takes no longer than to write it.
      heldBack * (warm.known.cpuMs / 1000) * (summarizeMb / 1024) +
      RUNS_OF_A_MONTH * gbSeconds(warm, 'idle', summarizeMb, summarize.ours.readyMs),
    // Of an item below 1 KB, which is in no index.
    tableWriteUnits: calls('DynamoDB') + RUNS_OF_A_MONTH * warm.idle.calls.length,
    tableReadUnits: (DIGESTS_OF_A_MONTH * kept) / READ_UNIT_BYTES,
    tableGb: kept / GB,
    backupGb: kept / GB,
    secretsManagerCalls: calls('SecretsManager'),
    snsPublications: calls('SNS'),
    emails: storm.mails * times,
    queueRequests: count(template, 'AWS::Lambda::EventSourceMapping') * POLLS_OF_A_MONTH,
    logGb,
    logStorageGb: logGb, // kept for a month by default; AWS counts it compressed
    metrics: attempts > 0 ? METRICS : IDLE_METRICS,
    alarms: count(template, 'AWS::CloudWatch::Alarm'),
    compositeAlarms: count(template, 'AWS::CloudWatch::CompositeAlarm'),
    dashboards: count(template, 'AWS::CloudWatch::Dashboard'),
  };
}

/**
 * What it takes that each attempt comes by the trail's log group as well: at most a batch of its own, and a repeat, of which
 * `notify` finds that it is recorded. A subscription filter itself costs nothing.
 */
function usageOfTrailPath(attempts: number, { template, warm }: Measured): Partial<Usage> {
  const memoryOf = (logicalId: string) => resourceOf(template, logicalId).Properties.MemorySize;
  const logged = warm.trail.printedBytes + warm.repeat.printedBytes + 2 * ASSUMED.platformLogBytes;
  const logGb = (attempts * logged) / GB;
  return {
    lambdaRequests: attempts * 2,
    lambdaGbSeconds:
      attempts *
      (gbSeconds(warm, 'trail', memoryOf('ReadTrailLambdaFunction')) +
        gbSeconds(warm, 'repeat', memoryOf('NotifyLambdaFunction'))),
    tableWriteUnits: attempts * warm.repeat.calls.length,
    logGb,
    logStorageGb: logGb,
  };
}

/**
 * GB seconds of a run: its computing, on the share of a processor that comes with its memory, and its waiting.
 * @param coldMs the time of a cold start on a whole processor, which is billed like the run:
 * https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
 */
function gbSeconds(warm: WarmRuns, kind: WarmKind, memoryMb: number, coldMs = 0): number {
  const { cpuMs, calls } = warm[kind];
  const share = Math.min(1, memoryMb / MB_OF_ONE_CPU);
  const ms = (coldMs + cpuMs) / share + calls.length * ASSUMED.callMs;
  return (ms / 1000) * (memoryMb / 1024);
}

const count = ({ Resources }: Template, type: string) =>
  Object.values(Resources).filter(({ Type }) => Type === type).length;

/** The month of an account that uses keys much: how many management events, and how many in a hundred are of what the trail leaves out. */
const TRAIL_EVENTS = 10_000_000;
const TRAIL_KEY_PERCENT = 99;

export function moneyTable(months: readonly Month[]): Section {
  const names = Object.keys(PRICES) as PriceName[];
  const idle = months[0]?.idle ?? 0;
  return {
    title: 'Money',
    text: `A month at AWS's list prices of ${PRICES_REGION}, as of ${PRICES_OF} (\`bench/money.ts\`), without any free tier,
from the measured calls, processor time and logs. The attempts come as storms like those above. Rather too much than too
little: each call is taken to last ${ASSUMED.callMs} ms, each call of DynamoDB to be a write, each
alert and each run of \`summarize\` to be a cold start, which AWS
[bills](https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/), and each attempt to come by the trail's log
group too, in a batch of its own. Each mail goes to one address.`,
    head: ['attempts a month', ...months.map(({ attempts }) => whole(attempts))],
    rows: [
      ['**all**', ...months.map(({ total }) => `**${dollars(total)}**`)],
      ['of it idle cost', ...months.map(() => dollars(idle))],
      ['of it the trail path', ...months.map(({ trailPath }) => dollars(trailPath))],
      ...names.map((name) => [
        PRICES[name].what,
        ...months.map(({ costs }) => dollars(costs[name])),
      ]),
    ],
    after: `A trail of \`createTrail=true\` comes on top. Beside another, of ${whole(TRAIL_EVENTS)} management events a month of ${ASSUMED.recordBytes}
bytes each, ${TRAIL_KEY_PERCENT} % of them of KMS or of the RDS Data API, which it leaves out: ${dollars(costOfTrail((TRAIL_EVENTS * (100 - TRAIL_KEY_PERCENT)) / 100))}; with these it would be
${dollars(costOfTrail(TRAIL_EVENTS))}.`,
  };
}
