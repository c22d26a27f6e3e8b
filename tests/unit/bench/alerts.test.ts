import { watchFirstAlerts } from '../../../bench/storm/first-alerts.ts';

const MAX = 2;
const RUN = { pair: 0, time: 0, isTroubled: false, mayWaste: false };
const ANOTHER = { pair: 1, time: 1000 };

type Run = Parameters<ReturnType<typeof watchFirstAlerts>['note']>[0];

test.each<[string, Run[], { pair: number; time: number }[], number]>([
  ['is alerted at once', [RUN], [{ pair: 0, time: 500 }], 0],
  ['is never alerted', [RUN], [], 1],
  ['is alerted much later', [RUN], [{ pair: 0, time: 30_000 }], 1],
  ['finds the budget used up', [RUN], [ANOTHER, ANOTHER], 0],
  ['finds some budget left', [RUN], [ANOTHER], 1],
  [
    'finds a budget that a repeat may have taken',
    [RUN, { ...RUN, ...ANOTHER, mayWaste: true }],
    [ANOTHER],
    0,
  ],
  ['fails, which its retry makes up for', [{ ...RUN, isTroubled: true }], [], 0],
])('a pair whose first attempt %s', (_, runs, alerts, delayed) => {
  const watch = watchFirstAlerts();
  for (const run of runs) watch.note(run);
  expect(watch.countDelayed(alerts, alerts, MAX)).toBe(delayed);
});
