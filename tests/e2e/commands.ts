import { emulatorVariables } from '../../emulators/emulator.ts';
import { ended, startCli } from '../testing/cli.ts';
import { emulator, STAGE } from './world.ts';

type Environment = Readonly<Record<string, string>>;

/** Starts a command of `cli/` for the deployed stage, as the account's root unless given other keys. */
export const startOperator = (name: string, args: readonly string[], keys: Environment = {}) =>
  startCli(name, ['--stage', STAGE, ...args], {
    ...emulatorVariables(emulator),
    ...keys,
  });

/** Runs a command to its end, as {@link startOperator}. */
export const operate = (name: string, args: readonly string[] = [], keys?: Environment) =>
  ended(startOperator(name, args, keys));
