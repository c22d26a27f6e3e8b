import fc from 'fast-check';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { TOOLS } from '../../lib/cloudtrail/tool.ts';
import { remedyOf } from '../../lib/notice/commands.ts';
import type { CallerNews, IncidentNotice } from '../../lib/notice/incident-notice.ts';
import { NOW } from './attempts.ts';
import { KINDS, NOTICES } from './incident-notices.ts';
import { linkable } from './links.ts';

/** Values made to break a message, to pass for a part of it, or to be too large for it. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  linkable,
  fc.constantFrom(
    '',
    '","event_action":"resolve","dedup_key":"',
    '\\',
    '<incident>',
    'x\r\n\r\ny',
    'x\u2028y',
    '\u202e\u2066gnp.exe',
    '\ud800',
    '@channel <!here> <@U012AB3CD>',
    'x'.repeat(5000),
    '"'.repeat(5000),
    '漢'.repeat(5000),
    '😀'.repeat(3000),
  ),
);
const maybe = fc.option(hostile, { nil: undefined });
const name = fc.oneof(
  hostile,
  fc.stringMatching(/^[\w/+=.@!-]{1,512}$/),
  fc.constant('.'.repeat(512)),
);
const dates = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
const counts = fc.nat(1e9);
const many = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { maxLength: 30 });

const identities = fc.record({
  key: hostile,
  name: hostile,
  shortName: hostile,
  description: hostile,
  session: maybe,
  accountId: maybe,
  issuerArn: maybe,
});
const secrets = fc.oneof(
  hostile.map((sent) => identifySecret(sent, {})),
  name.map((sent) => identifySecret(sent, { accountId: '444455556666', region: 'us-east-1' })),
  name.map((sent) =>
    identifySecret(`arn:aws:secretsmanager:us-east-1:444455556666:secret:${sent}-AbC123`, {}),
  ),
);
const calls = fc.record({
  id: hostile,
  secret: secrets,
  requestedAt: dates,
  requestedBy: identities,
  sourceAddress: maybe,
});
const deletions = fc
  .record({ call: calls, date: dates, windowDays: fc.nat(30), forced: fc.boolean() })
  .map(
    ({ call, ...others }) =>
      ({ ...call, ...others, kind: 'deletion', dateFrom: 'record' }) as const,
  );
const cancellations = calls.map((call) => ({ ...call, kind: 'cancellation' }) as const);

const schedules = fc.oneof(
  dates.map((date) => ({ kind: 'exact', date }) as const),
  fc
    .record({ earliest: dates, latest: dates, reason: hostile })
    .map((range) => ({ ...range, kind: 'estimated' }) as const),
  fc
    .record({ latest: dates, reason: hostile })
    .map((range) => ({ ...range, kind: 'unknown' }) as const),
);
const optional = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });
const states: fc.Arbitrary<IncidentNotice['state']> = fc.oneof(
  fc.record({
    state: fc.constant('pending' as const),
    schedule: schedules,
    deletion: optional(deletions),
  }),
  fc.record({ state: fc.constant('restored' as const), cancellation: optional(cancellations) }),
  fc.record({
    state: fc.constant('gone' as const),
    deletion: optional(deletions),
    anew: optional(dates),
  }),
  fc.constant({ state: 'not-looked-up' as const }),
);
const callers: fc.Arbitrary<CallerNews> = fc.record({
  callerKey: hostile,
  callerName: hostile,
  isNew: fc.boolean(),
  count: counts,
  first: dates,
  last: dates,
  addresses: many(hostile),
  sessions: many(hostile),
});
const tags = many(fc.record({ key: hostile, value: hostile }));

/** Notices of every kind, as hostile as a record, a tag and a mute can make them. */
export const hostileNotices: fc.Arbitrary<IncidentNotice> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    id: hostile,
    secret: secrets,
    owners: tags,
    replacements: tags,
    owningService: maybe,
    replicas: optional(many(hostile)),
    replicaOf: maybe,
    elsewhere: optional(fc.record({ accountId: maybe, region: maybe, notLookedUp: maybe })),
    act: fc.constantFrom('restore', 'delete', 'create', 'replicate'),
    tool: fc.constantFrom(...TOOLS),
    state: states,
    callers: many(callers),
    muted: many(
      fc.record({
        by: hostile,
        reason: hostile,
        until: optional(dates),
        count: counts,
        news: counts,
      }),
    ),
    counts: fc.record({
      attempts: counts,
      callers: counts,
      muted: counts,
      ignored: counts,
      isLeast: fc.boolean(),
    }),
    lastUsed: maybe,
    caller: identities,
    sources: fc.record({
      sourceAddress: maybe,
      vpcEndpointId: maybe,
      userAgent: maybe,
      invokedBy: maybe,
      eventId: maybe,
    }),
    reason: hostile,
    change: fc.oneof(deletions, cancellations),
  })
  .map(({ secret: asked, owners, replacements, owningService, ...others }) => {
    const { replicas, replicaOf, elsewhere, act, tool, ...wild } = others;
    const usual = NOTICES[wild.kind];
    const secret = {
      ...asked,
      id: asked.arn ?? asked.sent,
      elsewhere,
      owners,
      replacements,
      owningService,
      replicas,
      replicaOf,
    };
    return {
      ...usual,
      ...wild,
      now: NOW,
      secret,
      remedy: usual.remedy && remedyOf(act, secret),
      attempt: usual.attempt && { ...usual.attempt, ...wild.sources, caller: wild.caller },
      action: usual.action && { kind: 'restore-failed', reason: wild.reason },
      change: usual.change && wild.change,
      clash: usual.clash && { ...usual.clash, ...wild.sources, caller: wild.caller, tool },
    };
  });
