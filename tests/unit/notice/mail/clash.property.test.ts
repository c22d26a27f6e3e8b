import fc from 'fast-check';
import type { IncidentClash } from '../../../../lib/notice/clash.ts';
import { renderClashes } from '../../../../lib/notice/mail/clash.ts';
import { LINE_WIDTH } from '../../../../lib/text.ts';
import { NOW } from '../../../testing/attempts.ts';
import { hostileNotices } from '../../../testing/hostile-notices.ts';
import { links } from '../../../testing/links.ts';

const clashes = hostileNotices.filter(
  (notice): notice is IncidentClash => notice.kind === 'clash' && notice.clash !== undefined,
);

const ID = String.raw`( (?!-)|=)[\w:/+=.@!'-]+`;
const PLACE = String.raw`( --region [a-z0-9-]+)?( --profile PROFILE-OF-(\d{12}|ITS-ACCOUNT))?`;
/** What no line of strangers can pass for: a command, or a link, of one of these forms in every character. */
const COMMANDS = [
  `aws secretsmanager (list-secrets --include-planned-deletion|(restore|delete|put|tag|create|replicate)-[a-z-]+ --(secret-id|name)${ID}( [\\w:/=,-]+)*)${PLACE}`,
  `aws cloudformation create-change-set [\\w:/ -]+ --resources-to-import '[\\w:/+=.@!,{}'-]+'${PLACE}`,
  `terraform import aws_secretsmanager_secret\\.RESOURCE (?!-)[\\w:/+=.@!'-]+`,
  `pulumi import aws:secretsmanager/secret:Secret RESOURCE (?!-)[\\w:/+=.@!'-]+`,
  `kubectl annotate -n NAMESPACE secrets\\.secretsmanager RESOURCE services\\.k8s\\.aws/adoption-policy=adopt-or-create 'services\\.k8s\\.aws/adoption-fields=[\\w:/+=.@!,{}"'-]+'`,
  `npm run mute -- --secret${ID} --caller${ID} --reason "why"${PLACE}`,
  `npm run -s readers -- --secret${ID}${PLACE}`,
  `npm run -s status -- --backfill --region eu-west-1`,
].map((pattern) => new RegExp(`^${pattern}$`));
const LINK = /^https:\/\/[\w.-]+\/secretsmanager\/secret\?name=[\w.!%'()*-]+&region=[a-z\d-]+$/;

const OUR_LINES = [
  /^(Secret|Account|Region|Deletion|Scheduled|Looked up|Read by|Created by|Caller ARN|Tool|With|From|Tried|Owner|Replaced by|Replicas|Replica of|Managed by): /,
  /^[1-5]\. /,
  /^ {2,13}\S/,
  /^- [\w/+=,.[\]@!?-]+(, |$)|^- not named/,
  /^Or in the console, signed in to account \d{12}:$/,
  /^(WHAT TO DO|NAME \d+ OF \d+)$/,
];

test('no text of strangers breaks a mail of names that are taken, forges a line of it or makes a link in it', () => {
  fc.assert(
    fc.property(fc.array(clashes, { minLength: 1, maxLength: 15 }), (all) => {
      const notice = { kind: 'clash', severity: 'critical', clashes: all, now: NOW } as const;
      const { mail, rest } = renderClashes(notice, { region: 'eu-west-1' });
      const { subject, body, attributes } = mail;
      expect(rest).toBeUndefined();
      expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      for (const attribute of Object.values(attributes).flat()) {
        expect(attribute).toMatch(/^[\x20-\x7e]{1,2048}$/);
      }
      expect(body).not.toMatch(/[^\P{C}\n]|\p{Zl}|\p{Zp}/u);
      const lines = body.split('\n').filter((line) => !LINK.test(line));
      expect(links([subject, ...lines].join('\n'))).toEqual([]);
      const others = lines.filter((line) => !COMMANDS.some((pattern) => pattern.test(line)));
      for (const line of others) expect(line.length).toBeLessThanOrEqual(LINE_WIDTH);
      // What begins with a word of ours is a row, a step or a paragraph of ours: none of a record's own.
      const blocks = body.split('\n\n').filter((text) => /^Secret: /.test(text));
      expect(blocks).toHaveLength(Math.min(all.length, 12));
      expect(lines.filter((line) => line === 'WHAT TO DO')).toHaveLength(blocks.length);
      const forged = blocks
        .flatMap((text) => text.split('\n'))
        .filter((line) => !OUR_LINES.some((pattern) => pattern.test(line)));
      expect(forged).toEqual([]);
      for (const block of blocks) {
        const labels = block.match(/^[A-Z][A-Za-z ]+:/gm) ?? [];
        expect(new Set(labels).size).toBe(labels.length);
      }
    }),
    { numRuns: 60 },
  );
});
