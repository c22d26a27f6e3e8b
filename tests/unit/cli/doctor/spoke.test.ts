import { stripVTControlCharacters } from 'node:util';
import { reportText } from '../../../../cli/doctor/report.ts';
import { answered, type Change, examineSpoke, patched, refused } from '../../../testing/account.ts';
import { healthySpoke } from '../../../testing/healthy-spoke.ts';
import { trustOf } from './faults/lookup-role.ts';
import { SPOKE_FAULTS } from './faults/spoke.ts';

test('of a healthy spoke nothing is said but ok', async () => {
  const diagnosis = await examineSpoke();
  expect(diagnosis.results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(stripVTControlCharacters(reportText(diagnosis))).toMatchInlineSnapshot(`
"deleted-secret-notifier-dev-spoke, us-east-1, account 444455556666

ok  spoke                      not the account and Region of the hub
ok  trail: reads               org logs read management events
ok  trail: logging             org is logging
ok  attempts: rule             ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS,
                               with the pattern as deployed
ok  attempts: target           forwards to
                               arn:aws:events:eu-west-1:111122223333:event-bus/
                               deleted-secret-notifier-dev
ok  attempts: delivery         4 events forwarded in the last 14 days
ok  reads: rule                ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS,
                               with the pattern as deployed
ok  reads: target              forwards to
                               arn:aws:events:eu-west-1:111122223333:event-bus/
                               deleted-secret-notifier-dev
ok  reads: delivery            4 events forwarded in the last 14 days
ok  changes: rule              ENABLED, with the pattern as deployed
ok  changes: target            forwards to
                               arn:aws:events:eu-west-1:111122223333:event-bus/
                               deleted-secret-notifier-dev
ok  changes: delivery          4 events forwarded in the last 14 days
ok  clashes: rule              ENABLED, with the pattern as deployed
ok  clashes: target            forwards to
                               arn:aws:events:eu-west-1:111122223333:event-bus/
                               deleted-secret-notifier-dev
ok  clashes: delivery          4 events forwarded in the last 14 days
ok  forwarding role            may put events on the bus of the hub, and on no
                               other
ok  dead-letter queue          empty
ok  dead-letter queue: policy  lets the rules send what they cannot forward
ok  alarm                      OK, tells
                               arn:aws:sns:us-east-1:444455556666:alarms
ok  lookup role                trusts the hub's roles of 111122223333, of
                               o-a1b2c3d4e5, and nobody else
ok  lookup role: reads         may describe and list secrets, and read the event
                               history
ok  lookup role: restore       off: the hub may cancel no deletion here
ok  lookup role: template      its policy is that of the template here

23 ok, 0 warn, 0 fail, 0 unknown"
`);
});

const faults = Object.entries(SPOKE_FAULTS).flatMap(([check, list]) =>
  list.map((fault) => [check, ...fault] as const),
);

test.each(faults)('%s: %s: %s', async (check, verdict, message, remedy, change) => {
  const { results } = await examineSpoke(change);
  expect(results.find((one) => one.check === check)).toEqual({
    check,
    verdict,
    message: expect.stringMatching(message),
    ...(remedy && { remedy: expect.stringMatching(remedy) }),
  });
});

const deployed =
  (parameters: Readonly<Record<string, string>>): Change =>
  (account) => {
    Object.assign(account, healthySpoke(parameters));
  };

test.each<[string, string, Change]>([
  [
    'reads: rule',
    'not forwarded (WatchGoneSecrets=false)',
    deployed({ WatchGoneSecrets: 'false' }),
  ],
  [
    'lookup role: restore',
    'tagged: the hub may cancel deletions of secrets tagged deleted-secret-notifier:auto-cancel=true here',
    deployed({ RestoreMode: 'tagged' }),
  ],
  [
    'lookup role: restore',
    'all: the hub may cancel every deletion here, if its own setting says so',
    deployed({ RestoreMode: 'all' }),
  ],
  [
    'lookup role: template',
    'its policy is that of the template here',
    deployed({ RestoreMode: 'tagged' }),
  ],
  [
    'lookup role: template',
    'its policy is that of the template here',
    deployed({ RestoreMode: 'all' }),
  ],
  [
    'forwarding role',
    'may put events on the bus of the hub, and on no other',
    trustOf(/-ForwardingRole$/, (statement) => {
      statement.Condition = {
        StringEquals: { 'aws:SourceAccount': '444455556666' },
        ArnLike: { 'aws:SourceArn': 'arn:aws:events:us-east-1:444455556666:rule/*-spoke-*' },
      };
    }),
  ],
  [
    'attempts: delivery',
    'nothing to forward in the last 14 days',
    answered('GetMetricStatistics', {}),
  ],
])('%s is ok: %s', async (check, message, change) => {
  const { results } = await examineSpoke(change);
  expect(results.find((one) => one.check === check)).toEqual({ check, verdict: 'ok', message });
});

test("the hub's own account and Region needs no spoke", async () => {
  const { results } = await examineSpoke(answered('DescribeEventBus', { Arn: 'bus' }));
  expect(results).toEqual([
    {
      check: 'spoke',
      verdict: 'ok',
      message:
        "this is the hub's own account and Region, which needs no spoke: npm run doctor -- --stage dev checks it",
    },
  ]);
});

test('a trail of the organization that a member may not look into is no fault', async () => {
  const { results } = await examineSpoke(
    patched('DescribeTrails', ({ trailList: [trail] }) =>
      Object.assign(trail, { TrailARN: 'arn:aws:cloudtrail:us-east-1:999999999999:trail/org' }),
    ),
    refused('GetEventSelectors', 'TrailNotFoundException'),
    refused('GetTrailStatus', 'TrailNotFoundException'),
  );
  const trails = results.filter(({ check }) => check.startsWith('trail'));
  expect(trails.map(({ verdict, remedy }) => [verdict, remedy])).toEqual(
    ['trail: reads', 'trail: logging'].map(() => [
      'warn',
      'AWS_PROFILE=PROFILE-OF-HUB AWS_REGION=REGION-OF-HUB npm run -s drill -- --stage dev --region us-east-1 --profile there --account 444455556666 --path event',
    ]),
  );
});

test('without a spoke all that is missing is said', async () => {
  const { results } = await examineSpoke(
    refused('DescribeRule', 'ResourceNotFoundException'),
    refused('ListTargetsByRule', 'ResourceNotFoundException'),
    refused('GetQueueUrl', 'QueueDoesNotExist'),
    refused('GetRole', 'NoSuchEntityException'),
    answered('DescribeAlarms', {}),
  );
  const failed = results.filter(({ verdict }) => verdict === 'fail');
  expect(failed.map(({ check }) => check)).toEqual([
    'attempts: rule',
    'attempts: target',
    'reads: rule',
    'reads: target',
    'changes: rule',
    'changes: target',
    'clashes: rule',
    'clashes: target',
    'dead-letter queue',
    'dead-letter queue: policy',
    'lookup role',
  ]);
});
