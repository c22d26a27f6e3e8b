import { type Command, CommanderError } from 'commander';
import { NotifierError } from '../lib/errors.ts';
import { oneLine } from '../lib/text.ts';
import { print, printDefect, printNote } from './print.ts';

/** The exit code for wrong use: unknown options, unreadable or malformed files. */
const WRONG_USE = 2;

/**
 * Runs a command. Wrong use and expected faults print one line on stderr and end with exit code 2; whatever
 * else is thrown is a defect, shows its stack and ends with 1.
 */
export async function runCommand(command: Command, argv: readonly string[]): Promise<void> {
  process.on('uncaughtException', (error) => {
    printDefect(error);
    process.exit(1);
  });
  command.exitOverride().configureOutput({
    writeOut: (text) => print(text.trimEnd()),
    outputError: (text) => printNote(oneLine(text, 1000)),
  });
  try {
    refuseSwallowed(command, argv.slice(2));
    await command.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : WRONG_USE;
    } else if (error instanceof NotifierError) {
      printNote(`error: ${oneLine(error.message, 1000)}`);
      process.exitCode = WRONG_USE;
    } else {
      throw error;
    }
  }
}

/**
 * Without `--` before them npm takes a script's options for its own, and leaves them as variables: `npm run replay --dry-run`
 * would replay. https://docs.npmjs.com/cli/v11/commands/npm-run
 * @throws NotifierError `SWALLOWED_OPTION`
 */
function refuseSwallowed(command: Command, args: readonly string[]): void {
  const { npm_lifecycle_event: script, ...variables } = process.env;
  if (script !== command.name()) return;
  const swallowed = command.options.flatMap(({ long = '' }) => {
    const value = variables[`npm_config_${long.slice(2).replaceAll('-', '_')}`];
    const isGiven = args.some((arg) => arg === long || arg.startsWith(`${long}=`));
    if (!value || isGiven) return [];
    return value === 'true' ? long : `${long}=${value}`;
  });
  if (swallowed.length === 0) return;
  const taken = swallowed.join(' ');
  const what = `Expected options after --, but npm has taken ${taken} for itself.`;
  const call = ['npm run', script, '--', ...swallowed, ...args].join(' ');
  const next = `Run: ${call} (Not given? Then it is in npm's own configuration.)`;
  throw new NotifierError('SWALLOWED_OPTION', `${what} ${next}`);
}
