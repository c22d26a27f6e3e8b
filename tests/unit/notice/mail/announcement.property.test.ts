import fc from 'fast-check';
import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../../../lib/deletion/change.ts';
import type { Lookup } from '../../../../lib/deletion/describe.ts';
import { renderAnnouncement } from '../../../../lib/notice/mail/announcement.ts';
import { announcementNotice } from '../../../../lib/notice/notice.ts';
import { LINE_WIDTH } from '../../../../lib/text.ts';
import { cancellation, deletion, NOW } from '../../../testing/attempts.ts';
import { linkable, links } from '../../../testing/links.ts';

/** Values made to break a mail, or to pass for a line of it. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  linkable,
  fc.constantFrom(
    'x\nDeletion:    never',
    'x\r\n\r\nStill needed? Restore it:\n\nreboot',
    'x\u2028Owner: me',
    '\u202e\u2066gnp.exe',
    'x'.repeat(5000),
    '😀'.repeat(300),
    '$(reboot)',
    'file:///root/.aws/credentials',
  ),
);
const name = fc.oneof(hostile, fc.stringMatching(/^[\w/+=.@!-]{1,512}$/));
const ARN = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-AbC123';
const elsewhere = fc.constantFrom(
  { region: 'us-east-1' },
  { accountId: '444455556666', region: 'us-east-1' },
);
const place = fc.option(elsewhere, { nil: undefined });

const changes: fc.Arbitrary<Change> = fc
  .record({ name, who: hostile, sourceAddress: hostile, kind: fc.nat(2) })
  .map(({ name: sent, who, sourceAddress, kind }) => {
    const secret = identifySecret(sent, { accountId: '444455556666', region: 'us-east-1' });
    const requestedBy = { key: who, name: 'role x', shortName: 'x', description: who };
    const call = { secret, requestedBy, sourceAddress };
    return kind === 0 ? cancellation(call) : deletion({ ...call, forced: kind === 1 });
  });

const lookups: fc.Arbitrary<Lookup> = fc.oneof(
  fc.record({
    kind: fc.constant('found' as const),
    secret: fc.record({
      arn: fc.constant(ARN),
      name,
      tags: fc.dictionary(fc.constant('owner'), hostile),
    }),
    place,
  }),
  fc.record({ kind: fc.constant('not-found' as const), place }),
  fc.record({ kind: fc.constant('unavailable' as const), place, reason: hostile }),
  fc.record({
    kind: fc.constant('elsewhere' as const),
    place: fc.tuple(elsewhere, hostile).map(([where, notLookedUp]) => ({ ...where, notLookedUp })),
  }),
);

const COMMAND =
  /^aws secretsmanager (list-secrets --include-planned-deletion|restore-secret --secret-id( (?!-)|=)[\w:/+=.@!'-]+) --region us-east-1( --profile PROFILE-OF-444455556666)?$/;
const LINK =
  /^https:\/\/us-east-1\.console\.aws\.amazon\.com\/secretsmanager\/secret\?name=[\w.!%-]+&region=us-east-1$/;

/** What stands behind the rows: how to restore, and what a link is. */
const OUR_PARAGRAPHS = [
  /^Still needed\? Restore it(, with credentials of account 444455556666)?:$/,
  COMMAND,
  /^Or in the console, signed in to account 444455556666:$/,
  LINK,
  /^What looks like a link is written with \[\.\] or \[:\], so that it is none\.$/,
];

test('no text of strangers breaks an announcement, forges a line of it or makes a link in it', () => {
  fc.assert(
    fc.property(changes, lookups, (change, lookup) => {
      const tagKeys = { owner: ['owner'], replacement: [] };
      const notice = announcementNotice(change, lookup, tagKeys, NOW);
      const { subject, body, attributes } = renderAnnouncement(notice);
      expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      for (const attribute of Object.values(attributes).flat()) {
        expect(attribute).toMatch(/^[\x20-\x7e]{1,2048}$/);
      }
      expect(body).not.toMatch(/[^\P{C}\n]|\p{Zl}|\p{Zp}/u);
      const lines = body.split('\n');
      expect(links([subject, ...lines.filter((line) => !LINK.test(line))].join('\n'))).toEqual([]);
      for (const line of lines) {
        if (!COMMAND.test(line) && !LINK.test(line)) {
          expect(line.length).toBeLessThanOrEqual(LINE_WIDTH);
        }
      }
      const [headline, rows = '', ...paragraphs] = body.split('\n\n');
      expect(headline).toMatch(/^The secret\s/);
      const labels = rows.match(/^[A-Z][A-Za-z ]+:/gm) ?? [];
      expect(new Set(labels).size).toBe(labels.length);
      expect(rows.split('\n').filter((line) => !/^([A-Z][A-Za-z ]+:| {13}\S)/.test(line))).toEqual(
        [],
      );
      const forged = paragraphs.filter((one) => !OUR_PARAGRAPHS.some((our) => our.test(one)));
      expect(forged).toEqual([]);
      const isOfAccount = notice.secret.elsewhere?.accountId !== undefined && notice.remedy;
      expect(/ --profile /.test(body)).toBe(Boolean(isOfAccount));
    }),
    { numRuns: 300 },
  );
});
