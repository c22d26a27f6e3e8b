import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { BUILD, ROOT } from '../../../emulators/serverless.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly uses?: string;
}
interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly number[] } };
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const ours = readdirSync(join(ROOT, '.github/workflows')).map(
  (name) => `.github/workflows/${name}`,
);
const files = [...ours, 'examples/pipeline.yml'];
const workflow = (file: string): Workflow => parse(read(file));
const jobsOf = (file: string) => Object.entries(workflow(file).jobs);
const commandsOf = (file: string) =>
  jobsOf(file).flatMap(([, { steps }]) => steps.flatMap(({ run }) => run ?? []));

test.each(files)('%s runs scripts of package.json, and programs that are here', (file) => {
  const commands = commandsOf(file).join('\n');
  const { scripts } = JSON.parse(read('package.json'));
  const named = (pattern: RegExp) =>
    Array.from(commands.matchAll(pattern), ([, name = '']) => name);
  const known = [...Object.keys(scripts)];
  expect(known).toEqual(expect.arrayContaining(named(/npm run (?:-s )?([\w:-]+)/g)));
  for (const program of named(/(\.ci\/[\w-]+)/g)) accessSync(join(ROOT, program), constants.X_OK);
  // Whatever a tag, a branch or a title is called reaches a shell as a variable, never as a part of its text.
  expect(commands).not.toContain('${{');
});

test.each(ours)('%s takes actions by the commit of a version, which Renovate reads', (file) => {
  const lines = read(file)
    .split('\n')
    .filter((line) => line.includes('uses:'));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
});

test.each(files)('no job of %s runs for hours', (file) => {
  const limits = jobsOf(file).map(([, job]) => job['timeout-minutes'] ?? Number.POSITIVE_INFINITY);
  expect(Math.max(...limits)).toBeLessThanOrEqual(45);
});

test('only what runs no code of the repository may write to it', () => {
  const writers = ours.flatMap((file) =>
    jobsOf(file)
      .filter(([, job]) =>
        Object.values(job.permissions ?? workflow(file).permissions).includes('write'),
      )
      .map(([name, { steps }]) => ({
        name,
        runs: steps.filter(({ uses, run }) =>
          /checkout|npm|node|\.ci\//.test(`${uses ?? ''}\n${run ?? ''}`),
        ),
      })),
  );
  expect(writers).toEqual([{ name: 'publish', runs: [] }]);
});

test("a newcomer's two commands run on each Node.js that is supported long", () => {
  const [, { strategy, steps }] = jobsOf('.github/workflows/ci.yml').find(
    ([name]) => name === 'newcomer',
  ) ?? ['', { steps: [] }];
  expect(strategy?.matrix.node).toEqual([20, 22, 24]);
  const commands = steps.flatMap(({ run }) => run ?? []);
  expect(commands).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
  for (const command of commands) expect(read('README.md')).toContain(`\`${command}\``);
});

test('the pipeline of the examples fails where the doctor does, each day too', () => {
  const [[, { steps }] = ['', { steps: [] }]] = jobsOf('examples/pipeline.yml');
  const conditions = steps.map((step) => [step.run, (step as { if?: string }).if]);
  expect(conditions.slice(2)).toEqual([
    ['npm ci', undefined],
    [undefined, undefined],
    ['npx serverless deploy --stage "$STAGE"', "github.event_name == 'push'"],
    ['npm run -s doctor -- --stage "$STAGE"', undefined],
    ['npm run -s drill -- --stage "$STAGE"', "github.event_name == 'push'"],
  ]);
});

test('a report of a bug asks for what the doctor says, and how it is deployed', () => {
  const { body } = parse(read('.github/ISSUE_TEMPLATE/bug.yml'));
  const asked = body.flatMap(({ id }: { id?: string }) => id ?? []);
  expect(asked).toEqual(['what', 'version', 'deployed', 'doctor', 'machine']);
  expect(JSON.stringify(body)).toContain('npm run -s doctor -- --json');
});

const directory = join(BUILD, 'release-workflow');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs a step of the release in a directory of its own, as GitHub does. */
function runStep(name: string, cwd: string): string {
  const steps = jobsOf('.github/workflows/release.yml').flatMap(([, job]) => job.steps);
  const { run = '' } = steps.find((step) => step.name === name) ?? {};
  expect(run).not.toBe('');
  const env = { ...process.env, GITHUB_REF_NAME: 'v1.2.3' };
  return execFileSync('bash', ['-eo', 'pipefail', '-c', run], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** The archive that the release makes of this file, whose sum its SHA256SUMS names. */
function archiveOf(content: string, sum: string, modified = new Date(0)) {
  mkdirSync(directory, { recursive: true });
  const cwd = mkdtempSync(join(directory, 'checkout-'));
  const files = join(cwd, 'dist/deleted-secret-notifier-1.2.3');
  mkdirSync(files, { recursive: true });
  mkdirSync(join(cwd, '.ci'));
  writeFileSync(join(cwd, '.ci/release-notes'), '#!/bin/sh\necho "$1"\n', { mode: 0o755 });
  writeFileSync(join(files, 'template.json'), content);
  writeFileSync(join(files, 'SHA256SUMS'), `${sum}  template.json\n`);
  utimesSync(join(files, 'template.json'), modified, modified);
  runStep('Add one archive of it, the same from the same files, and the notes', cwd);
  expect(readFileSync(join(cwd, 'dist/notes.md'), 'utf8')).toBe('v1.2.3\n');
  const archive = readFileSync(join(cwd, 'dist/deleted-secret-notifier-1.2.3.tar.gz'));
  return { archive, checked: () => runStep('Check the sums', cwd) };
}

test('a release is one archive too, the same from the same files, and published only with the sums that it names', () => {
  const sum = createHash('sha256').update('{}').digest('hex');
  const { archive, checked } = archiveOf('{}', sum);
  expect(archive.equals(archiveOf('{}', sum, new Date('2026-11-28')).archive)).toBe(true);
  expect(checked()).toBe('template.json: OK\n');
  expect(archiveOf('{ }', sum).checked).toThrow('computed checksum did NOT match');
});
