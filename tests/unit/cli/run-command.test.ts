import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { print } from '../../../cli/print.ts';
import { execute } from '../../../cli/run-command.ts';
import { NotifierError } from '../../../lib/errors.ts';
import { captured, ended, startNode } from '../../testing/cli.ts';

/** Runs a command with that action. */
const run = (action: () => void, args: string[], environment: Record<string, string> = {}) =>
  captured(environment, () => {
    const command = new Command('replay')
      .option('--dry-run')
      .option('--stage <stage>')
      .option('--region <region>')
      .action(action);
    return execute(command, ['node', 'replay', ...args]);
  });

const nothing = () => undefined;

test('help goes to stdout, and ends with exit code 0', async () => {
  expect(await run(nothing, ['--help'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^Usage: replay \[options\]\n[\s\S]+--stage <stage>[\s\S]+command\n$/,
    ),
    stderr: '',
  });
});

test('what a stranger wrote drives no terminal, neither in wrong use', async () => {
  const { code, stderr } = await run(nothing, ['--st\u001b[2J\r\u202e']);
  expect([code, stderr]).toEqual([2, "error: unknown option '--st?[2J ?'\n"]);
});

test('nor in a fault', async () => {
  const { code, stderr } = await run(() => {
    throw new NotifierError('NO_STACK', 'a\u001b[2J\n\u202eb');
  }, []);
  expect([code, stderr]).toEqual([2, 'error: a?[2J ?b\n']);
});

const url = (path: string) =>
  JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../..', path)).href);

/** A program that would run on, of a command whose action is the body of a function. */
const programOf = (action: string) => `
  import { Command } from 'commander';
  import { runCommand } from ${url('cli/run-command.ts')};
  setInterval(() => undefined, 1000);
  await runCommand(new Command('replay').action(async () => { ${action} }), process.argv);`;

test.each([
  ['in a defect', String.raw`throw new TypeError('a\u001b[2Jb')`],
  ['in one of another turn', String.raw`setTimeout(() => { throw new TypeError('a\u001b[2Jb') })`],
])('nor %s, which shows its stack and ends with exit code 1', async (_, action) => {
  const { code, stderr } = await ended(
    startNode(['--input-type=module', '--eval', programOf(action)], {}),
  );
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^TypeError: a\\u001b\[2Jb\n {4}at /)]);
  expect(stderr).not.toContain('\u001b');
});

describe('what cannot be written', () => {
  const PRINT = `
    import { Command } from 'commander';
    import { print } from ${url('cli/print.ts')};
    import { runCommand } from ${url('cli/run-command.ts')};
    await runCommand(new Command('replay').action(() => print('a')), process.argv);`;

  /** Runs the command with its stdout there. @returns its exit code and stderr. */
  async function printTo(stdout: number | 'pipe', args: string[]) {
    const all = ['--input-type=module', '--eval', PRINT, 'replay', ...args];
    const child = spawn(process.execPath, all, { stdio: ['ignore', stdout, 'pipe'] });
    child.stdout?.destroy();
    const [[code], stderr] = await Promise.all([
      once(child, 'close'),
      text(child.stderr as Readable),
    ]);
    return { code, stderr };
  }

  // Linux alone has a disk that is always full.
  const onLinux = existsSync('/dev/full') ? test : test.skip;
  onLinux.each([[[]], [['--help']]])('to a full disk ends with exit code 1: %j', async (args) => {
    await using full = await open('/dev/full', 'w');
    expect(await printTo(full.fd, args)).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: stdout could not be written \(ENOSPC: .+\)\n$/),
    });
  });

  test('because nobody reads it any more is no error', async () => {
    expect(await printTo('pipe', [])).toEqual({ code: 0, stderr: '' });
  });
});

describe('options that npm has taken for itself', () => {
  const asNpm = (variables: Record<string, string>) => ({
    npm_lifecycle_event: 'replay',
    ...variables,
  });
  const action = () => print('ran');

  test.each([
    [{ npm_config_stage: 'prod' }, [], '--stage=prod', '--stage=prod'],
    [{ npm_config_stage: 'true' }, ['prod'], '--stage', '--stage=prod'],
    [{ npm_config_stage: '' }, [], '--stage=', '--stage=STAGE'],
    [{ npm_config_stage: 'true' }, [], '--stage', '--stage=STAGE'],
    [
      { npm_config_stage: 'true', npm_config_dry_run: 'true' },
      ['prod'],
      '--dry-run --stage',
      '--dry-run --stage=prod',
    ],
    [
      { npm_config_stage: 'true', npm_config_region: 'true' },
      ['prod', 'eu-west-1', '--json'],
      '--stage --region',
      '--stage=STAGE --region=REGION --json',
    ],
    [
      { npm_config_stage: 'true' },
      ['prod', '--region', 'eu-west-1'],
      '--stage',
      '--stage=prod --region eu-west-1',
    ],
    [
      { npm_config_stage: "a b;c*'d" },
      ['$(e)'],
      String.raw`'--stage=a b;c*'\''d'`,
      String.raw`'--stage=a b;c*'\''d' '$(e)'`,
    ],
    [{ npm_config_dry_run: 'true' }, ['--stage=a'], '--dry-run', '--dry-run --stage=a'],
  ])('%j are refused, and the right call is shown', async (variables, args, taken, right) => {
    expect(await run(action, args, asNpm(variables))).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: Expected options after --, but npm has taken ${taken} for itself. Run: npm run replay -- ${right} (Not given? Then it is in npm's own configuration.)\n`,
    });
  });

  test.each([
    ['of another script', { npm_lifecycle_event: 'test', npm_config_dry_run: 'true' }, []],
    ['that are given as well', asNpm({ npm_config_dry_run: 'true' }), ['--dry-run']],
    ['that are off', asNpm({ npm_config_dry_run: '' }), []],
    ["that are npm's alone", asNpm({ npm_config_json: 'true', npm_config_yes: 'true' }), []],
  ])('%s are none', async (_, environment, args) => {
    expect(await run(action, args, environment)).toMatchObject({ code: 0, stdout: 'ran\n' });
  });
});
