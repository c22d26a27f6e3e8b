import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderPage } from '../../cli/status/page.ts';
import { withPage } from './browser.ts';
import { chatThread } from './chat-thread.ts';
import { EXAMPLES, statusOf } from './example.ts';
import { paletted } from './png.ts';

/** Makes the pictures that the README shows: of the status page, from the examples, and of a thread of a chat. */
const docs = join(import.meta.dirname, '../../docs');
const path = join(docs, 'status.png');
const markup = renderPage(await statusOf(EXAMPLES));
await withPage(markup, { width: 1080 }, async (page) => {
  const third = await page.locator('.secret').nth(2).boundingBox();
  const clip = { x: 0, y: 0, width: 1080, height: third ? third.y + third.height + 12 : 0 };
  await page.screenshot({ path, clip, fullPage: true });
});
console.log(`Written: ${path}`);

const threadPath = join(docs, 'chat-thread.png');
await withPage(chatThread(), { width: 760 }, async (page) => {
  const picture = await page.locator('main').screenshot();
  await writeFile(threadPath, await paletted(page, picture));
});
console.log(`Written: ${threadPath}`);
