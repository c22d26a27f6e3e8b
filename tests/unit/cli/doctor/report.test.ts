import { stripVTControlCharacters } from 'node:util';
import { reportJson, reportText } from '../../../../cli/doctor/report.ts';
import { fail, ok, unknown, warn } from '../../../../cli/doctor/verdict.ts';

const diagnosis = {
  stack: 'deleted-secret-notifier-dev',
  region: 'eu-west-1',
  account: '111122223333',
  results: [
    { check: 'stack', ...ok('UPDATE_COMPLETE, 45 resources') },
    {
      check: 'notify: rule',
      ...fail(
        'Its state is ENABLED, which never sees a read: not ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.',
        "aws events put-rule --name deleted-secret-notifier-dev-NotifyRule --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS --event-pattern '{}'",
      ),
    },
    {
      check: 'notify: errors',
      ...warn('3 errors in the last day.\u001b[2J\nok  all', 'https://a/'),
    },
    { check: 'topic: key', ...unknown('No permission kms:DescribeKey.') },
  ],
};

test('people get a line for each check in 80 columns, and commands that can be copied', () => {
  expect(stripVTControlCharacters(reportText(diagnosis))).toMatchInlineSnapshot(`
"deleted-secret-notifier-dev, eu-west-1, account 111122223333

ok       stack           UPDATE_COMPLETE, 45 resources
fail     notify: rule    Its state is ENABLED, which never sees a read: not
                         ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.
warn     notify: errors  3 errors in the last day.?[2J ok all
unknown  topic: key      No permission kms:DescribeKey.

fail  notify: rule: to fix it
aws events put-rule --name deleted-secret-notifier-dev-NotifyRule --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS --event-pattern '{}'

warn  notify: errors: to fix it
https://a/

1 ok, 1 warn, 1 fail, 1 unknown"
`);
});

test('what fixes several checks is printed once, and the checks with it', () => {
  const remedy = 'npx serverless deploy --param="createTrail=true"';
  const results = [
    { check: 'trail: reads', ...fail('No trail logs anything.', remedy) },
    { check: 'alarm', ...fail('It was changed.', 'aws cloudwatch put-metric-alarm') },
    { check: 'trail: logging', ...fail('There is no trail.', remedy) },
  ];
  const report = stripVTControlCharacters(reportText({ ...diagnosis, results }));
  expect(report.split('\n\n').slice(2, -1)).toEqual([
    `fail  trail: reads, trail: logging: to fix it\n${remedy}`,
    'fail  alarm: to fix it\naws cloudwatch put-metric-alarm',
  ]);
});

test('the table fits 80 columns', () => {
  const [, table = ''] = stripVTControlCharacters(reportText(diagnosis)).split('\n\n');
  for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test.each<[string, typeof diagnosis.results, boolean]>([
  ['ok and warn', diagnosis.results.filter(({ verdict }) => /ok|warn/.test(verdict)), true],
  ['one that fails', diagnosis.results.filter(({ verdict }) => verdict !== 'unknown'), false],
  ['one that is unknown', diagnosis.results.filter(({ verdict }) => verdict !== 'fail'), false],
])('machines get the same as one object, healthy or not: %s', (_, results, healthy) => {
  expect(reportJson({ ...diagnosis, results })).toEqual({
    ...diagnosis,
    results,
    healthy,
  });
});
