import { TROUBLE, trafficOf } from '../../scale.ts';
import { WAYS } from '../../side-by-side.ts';
import { sum } from '../../sum.ts';
import { decimals, duration, percent, whole } from '../numbers.ts';
import type { Results } from '../results.ts';
import type { Section } from '../section.ts';

export function scaleTable({ storms }: Results): Section {
  const [smallest] = storms;
  const { secrets, callers, minutes, duplicates } = trafficOf(0);
  const perThousand = (seconds: number, attempts: number) => (seconds / attempts) * 1000;
  const base = smallest ? perThousand(smallest.wallSeconds, smallest.attempts) : Number.NaN;
  return {
    title: 'Scale',
    text: `\`npm run storm\` with ${secrets} secrets, ${callers} callers of each, over ${minutes / 60} hours, ${percent(duplicates)} of the events delivered twice, ${percent(TROUBLE.failures)} of the
calls to AWS failing and ${percent(TROUBLE.crashes)} of the runs killed. Time and memory are of the whole simulation: the functions, the AWS that
they talk to, and the mailbox.`,
    head: [
      'attempts',
      'time for each, of the smallest',
      'seconds',
      'memory, MB',
      'calls for each',
      'mails',
      'told',
      'lost',
    ],
    rows: storms.map((storm) => {
      const calls = sum(Object.values(storm.callsPerAttempt));
      return [
        whole(storm.attempts),
        `${decimals(perThousand(storm.wallSeconds, storm.attempts) / base)} ×`,
        decimals(storm.wallSeconds),
        whole(storm.peakMemoryMb),
        decimals(calls),
        whole(storm.messages),
        whole(storm.told),
        whole(storm.lost),
      ];
    }),
  };
}

export function sideBySideTable({ sideBySide: storms }: Results): Section {
  return {
    title: 'Side by side',
    text: `The same storms, told in four ways. *This service* is what the packaged functions did, failing calls and killed runs
included. The other ways are simulated from the same attempts at the same times, and nothing fails for them: a rule that
hands each event to the topic through an input transformer, a function that publishes each event, and AWS's metric filter
and alarm alone. *Told* is the share of attempts that a mail in the mailbox names; the alarm's mail names none. SNS
[suspends](https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html) an e-mail subscription that gets more than
10 messages in a second, 600 in a minute. \`bench/side-by-side/\` states the page of AWS behind each rule.`,
    head: [
      'attempts',
      'way',
      'told',
      'mails',
      'most in a minute',
      'first mail after',
      'suspended after',
    ],
    rows: storms.flatMap(({ attempts, ways }) =>
      WAYS.map((way, i) => {
        const { told, mails, mostPerMinute, firstMailAfter, suspendedAfter } = ways[way];
        return [
          i === 0 ? whole(attempts) : '',
          way,
          percent(told),
          whole(mails),
          whole(mostPerMinute),
          firstMailAfter === undefined ? 'never' : duration(firstMailAfter),
          suspendedAfter === undefined ? '' : duration(suspendedAfter),
        ];
      }),
    ),
    after: '![Mails sent and share of attempts told, by storm and way](performance.svg)',
  };
}
