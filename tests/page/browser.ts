import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { NotifierError } from '../../lib/errors.ts';

const CHROMIUM = '/usr/bin/chromium';
const BUILD = join(import.meta.dirname, '../../.build');

/** Asks nothing of anybody, of its own accord. */
const ARGS = [
  '--no-sandbox', // it may run as root, as in a container
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Look {
  readonly width: number;
  readonly colorScheme?: BrowserContextOptions['colorScheme'];
  readonly scale?: number;
}

/**
 * Shows a page in headless Chromium, in a profile of its own, and closes it after `use`.
 * @throws NotifierError `MISSING_PROGRAM` if Chromium is not installed, and what `use` throws.
 */
export async function withPage<Result>(
  markup: string,
  { width, colorScheme = 'light', scale = 1 }: Look,
  use: (page: Page, requests: readonly string[]) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(CHROMIUM)) {
    const message = `Expected Chromium as ${CHROMIUM}. Install it: apt-get install -y chromium`;
    throw new NotifierError('MISSING_PROGRAM', message);
  }
  await mkdir(BUILD, { recursive: true });
  const profile = await mkdtemp(join(BUILD, 'chromium-'));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      args: ARGS,
      colorScheme,
      deviceScaleFactor: scale,
      viewport: { width, height: 800 },
    });
    try {
      const requests: string[] = [];
      context.on('request', (request) => requests.push(request.url()));
      const page = await context.newPage();
      await page.setContent(markup);
      return await use(page, requests);
    } finally {
      await context.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
