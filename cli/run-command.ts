import { open, rm } from 'node:fs/promises';
import { type Command, CommanderError, type Option } from 'commander';
import { NotifierError } from '../lib/errors.ts';
import { oneLine } from '../lib/text.ts';
import { print, printDefect, printNote } from './print.ts';

/** The exit code for wrong use: unknown options, unreadable or malformed files. */
export const WRONG_USE = 2;

/** Returns a NotifierError for an error that is no defect of the program, and anything else as it is. */
type FaultOf = (error: unknown) => unknown;

/** Runs a command as the whole process: as {@link execute}, but a defect prints its stack and exits with code 1. */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  faultOf?: FaultOf,
): Promise<void> {
  process.on('uncaughtException', (error) => {
    printDefect(error);
    process.exit(1);
  });
  noteLostOutput();
  await execute(command, argv, faultOf);
}

/**
 * Notes what could not be written, as on a full disk, of which `console.log` says nothing, and sets exit code 1. Who has
 * closed a pipe, such as `head`, does not miss it.
 */
function noteLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE') return;
      process.exitCode ||= 1;
      if (stream === process.stdout) printNote(`error: stdout could not be written (${message})`);
    });
  }
}

/**
 * Runs a command. Wrong use and faults print one line on stderr and set exit code 2.
 * @param argv as `process.argv`: the options begin at the third.
 * @throws anything else that the command throws: a defect.
 */
export async function execute(
  command: Command,
  argv: readonly string[],
  faultOf: FaultOf = (error) => error,
): Promise<void> {
  command.exitOverride().configureOutput({
    writeOut: (text) => print(text.trimEnd()),
    outputError: (text) => printNote(oneLine(text, 1000)),
  });
  try {
    refuseSwallowed(command, argv.slice(2));
    await command.parseAsync([...argv]);
  } catch (error) {
    const fault = faultOf(error);
    if (fault instanceof CommanderError) {
      process.exitCode = fault.exitCode === 0 ? 0 : WRONG_USE;
    } else if (fault instanceof NotifierError) {
      printNote(`error: ${oneLine(fault.message, 1000)}`);
      process.exitCode = WRONG_USE;
    } else {
      throw fault;
    }
  }
}

/**
 * Without `--` npm takes a script's options for its own and passes them as variables: `npm run replay --dry-run` would
 * replay. https://docs.npmjs.com/cli/v11/commands/npm-run
 * @throws NotifierError `SWALLOWED_OPTION`
 */
function refuseSwallowed(command: Command, args: readonly string[]): void {
  const { npm_lifecycle_event: script, ...variables } = process.env;
  if (script !== command.name()) return;
  const swallowed = command.options.flatMap((option): Swallowed[] => {
    const { long = '' } = option;
    const value = variables[`npm_config_${long.slice(2).replaceAll('-', '_')}`];
    const isGiven = args.some((arg) => arg === long || arg.startsWith(`${long}=`));
    // For a flag nothing is `false`; for an option it is an empty value, such as `--stage=`.
    if (value === undefined || (value === '' && !option.required) || isGiven) return [];
    return [{ option, long, value: value === 'true' ? undefined : value }];
  });
  if (swallowed.length === 0) return;
  const taken = swallowed.map(({ long, value }) => withValue(long, value)).join(' ');
  const what = `Expected options after --, but npm has taken ${taken} for itself.`;
  const call = ['npm run', script, '--', ...rightOrder(command, swallowed, args)].join(' ');
  const next = `Run: ${call} (Not given? Then it is in npm's own configuration.)`;
  throw new NotifierError('SWALLOWED_OPTION', `${what} ${next}`);
}

/** An option that npm has taken. `value`: `undefined` if it took none, which it then may have left among the arguments. */
interface Swallowed {
  readonly option: Option;
  readonly long: string;
  readonly value: string | undefined;
}

/**
 * The arguments as they should have been. A value that npm has parted from its option is given back if there is only one
 * such option and one such value; else the option's is a word in capitals, because npm does not tell the order.
 */
function rightOrder(
  command: Command,
  swallowed: readonly Swallowed[],
  args: readonly string[],
): string[] {
  const loose = looseIn(command, args);
  const parted = swallowed.filter(({ option, value }) => option.required && value === undefined);
  const isClear = parted.length === 1 && loose.length === 1;
  const isTaken = parted.length > 0 && loose.length <= parted.length;
  const options = swallowed.map(({ option, long, value }) => {
    if (!option.required) return long;
    return withValue(long, value || (isClear && args[loose[0] as number]) || wordFor(long));
  });
  const rest = args.filter((_, i) => !(isTaken && loose.includes(i)));
  return [...options, ...rest.map(quoted)];
}

/** Where the arguments are that are neither an option nor the value of one. */
function looseIn(command: Command, args: readonly string[]): number[] {
  const hasValue = (arg = '') =>
    command.options.some(({ long, required }) => required && long === arg);
  return args.flatMap((arg, i) => (arg.startsWith('-') || hasValue(args[i - 1]) ? [] : i));
}

const wordFor = (long: string) => long.slice(2).replaceAll('-', '_').toUpperCase();

const withValue = (long: string, value: string | undefined) =>
  quoted(value === undefined ? long : `${long}=${value}`);

/** Turns what the file system refuses into a fault of the file. @throws NotifierError `INVALID_FILE` */
export const unwritable =
  (file: string) =>
  (error: Error): never => {
    throw new NotifierError(
      'INVALID_FILE',
      `${file}: expected a file to write (${error.message}).`,
    );
  };

/**
 * Tries whether a file can be written, before the work of which it is to hold the result; none is left that was not there.
 * @throws NotifierError `INVALID_FILE`
 */
export async function tryToWrite(file: string): Promise<void> {
  try {
    await (await open(file, 'wx')).close();
    await rm(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') unwritable(file)(error as Error);
    await open(file, 'a').then((handle) => handle.close(), unwritable(file));
  }
}

/** As one word of a shell, whatever is in it. */
export const quoted = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
