import { readFileSync } from 'node:fs';
import { runCli } from '../../../testing/cli.ts';

/** What happened to a secret, and who read it: a log file of CloudTrail, and what DescribeSecret returned meanwhile. */
const STORY = ['--event', 'demo/story.json.gz', '--secret', 'demo/story-secret.json'];
const GONE = ['--event', 'demo/gone.json'];
const NAME_TAKEN = ['--event', 'demo/name-taken.json'];

test.each([
  ['opened', STORY],
  ['digest', STORY],
  ['last-call', STORY],
  ['resolved', STORY],
  ['gone', GONE],
  ['clash', NAME_TAKEN],
])(
  'docs/mails.md shows the mail %s of the records that `npm run preview` is shipped with: %j',
  async (kind, records) => {
    const { code, stdout } = await runCli('preview', [...records, '--kind', kind], {});
    expect(code).toBe(0);
    const page = readFileSync(new URL('../../../../docs/mails.md', import.meta.url), 'utf8');
    expect(page).toContain(`\n\`\`\`\n${stdout}\`\`\`\n`);
  },
);

test.each(['over', 'gone'])('its secret is restored, so there is no mail %s', async (kind) => {
  const { stdout } = await runCli('preview', [...STORY, '--kind', kind], {});
  expect(stdout).toBe('No notice: prod/db/password was restored on 2026-11-28 09:30 UTC.\n');
});
