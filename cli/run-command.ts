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
