import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { emulatorVariables } from '../../../emulators/emulator.ts';
import { ROOT } from '../../../emulators/serverless.ts';
import { emulator } from '../world.ts';

/** What `npm run doctor` prints, and its exit code. */
export function runDoctor(...args: string[]): Promise<{ code: unknown; stdout: string }> {
  const env = { PATH: process.env.PATH, ...emulatorVariables(emulator) };
  return new Promise((resolve) => {
    const command = [join(ROOT, 'cli/main.ts'), 'doctor', ...args];
    execFile(process.execPath, command, { env }, (error, stdout) =>
      resolve({ code: error ? error.code : 0, stdout }),
    );
  });
}
