import { expected } from './aws-errors.ts';
import { findCommand } from './commands.ts';
import { printNote } from './print.ts';
import { runCommand, WRONG_USE } from './run-command.ts';

/** Runs the command that the first argument names: `node cli/start.js cli/main.ts status --short`, as npm does. */
const [node = '', , name = '', ...args] = process.argv;
const command = await findCommand(name);
if (command) {
  await runCommand(command, [node, name, ...args], expected);
} else {
  printNote(`error: unknown command '${name}'`);
  process.exitCode = WRONG_USE;
}
