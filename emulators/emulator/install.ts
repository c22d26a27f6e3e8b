import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotifierError } from '../../lib/errors.ts';
import { run } from '../process.ts';
import { BUILD } from '../serverless.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const VENV = join(BUILD, 'ministack');
const PYTHON = join(VENV, 'bin/python');

/** Written last, so that an installation which was cut off is done again. */
const INSTALLED = join(VENV, 'installed.txt');

/**
 * Installs ministack into a virtual environment of this checkout, unless that is done.
 * @param log a file to which pip's output is added. @returns the path of its Python.
 * @throws NotifierError if a program that it needs is missing.
 */
export async function installMinistack(log: string, signal: AbortSignal): Promise<string> {
  await requireOpenSsl(signal);
  await requirePython(signal);
  const requirements = await readFile(REQUIREMENTS, 'utf8');
  if (requirements === (await readFile(INSTALLED, 'utf8').catch(() => ''))) return PYTHON;

  await rm(VENV, { recursive: true, force: true });
  await mkdir(VENV, { recursive: true });
  const options = { env: { ...process.env, TMPDIR: VENV }, signal, log };
  await run('python3', ['-m', 'venv', VENV], options);
  const pip = ['-m', 'pip', 'install', '--no-cache-dir', '--disable-pip-version-check'];
  await run(PYTHON, [...pip, '--requirement', REQUIREMENTS], options);
  await writeFile(INSTALLED, requirements);
  return PYTHON;
}

// A venv needs ensurepip, which some distributions leave out.
const IS_FIT = 'import sys, ensurepip; print(sys.version); sys.exit(sys.version_info < (3, 10))';

const requirePython = (signal: AbortSignal) =>
  requireProgram(
    ['python3', '-c', IS_FIT],
    'Python 3.10 or later with its module venv, as python3 (Debian: apt-get install python3-venv)',
    signal,
  );

/** It makes the emulator's certificate. */
const requireOpenSsl = (signal: AbortSignal) =>
  requireProgram(['openssl', 'version'], 'OpenSSL, as openssl', signal);

async function requireProgram(
  [command = '', ...args]: readonly string[],
  expected: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await run(command, args, { env: process.env, signal });
  } catch (cause) {
    signal.throwIfAborted();
    const { code, message } = cause as NodeJS.ErrnoException;
    const got = code === 'ENOENT' ? 'nothing' : message.split(' failed: ').at(-1)?.trim();
    const text = `Expected ${expected}, got ${got}. Install it and try again.`;
    throw new NotifierError('MISSING_PROGRAM', text, { cause });
  }
}
