import { emulatorVariables } from '../../local/emulator.ts';
import { ended, startCli } from '../testing/cli.ts';
import { emulator, STAGE } from './world.ts';

/** Starts a command of `cli/` for the deployed stage, as an operator does. */
export const startOperator = (name: string, ...args: string[]) =>
  startCli(`cli/${name}.ts`, ['--stage', STAGE, ...args], emulatorVariables(emulator));

/** Runs a command of `cli/` for the deployed stage to its end. */
export const operate = (name: string, ...args: string[]) => ended(startOperator(name, ...args));
