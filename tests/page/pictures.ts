import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { print } from '../../cli/print.ts';
import { renderPage } from '../../cli/status/page.ts';
import { ARCHITECTURE, renderArchitecture } from './architecture.ts';
import { withPage } from './browser.ts';
import { chatThread } from './chat-thread.ts';
import { EXAMPLES, statusOf } from './example.ts';
import { paletted } from './png.ts';
import { demoScreen, openedMail } from './programs.ts';

/**
 * Makes the pictures of the documents: the architecture from its text, the status page from the examples, a thread of a chat, a
 * mail, and the first screen of the demo.
 */
const docs = join(import.meta.dirname, '../../docs');

await writeFile(ARCHITECTURE, await renderArchitecture());
print(`Written: ${ARCHITECTURE}`);

const path = join(docs, 'status.png');
const markup = renderPage(await statusOf(EXAMPLES));
await withPage(markup, { width: 1080 }, async (page) => {
  const third = await page.locator('.secret').nth(2).boundingBox();
  const clip = { x: 0, y: 0, width: 1080, height: third ? third.y + third.height + 12 : 0 };
  await page.screenshot({ path, clip, fullPage: true });
});
print(`Written: ${path}`);

for (const [name, page] of [
  ['chat-thread', chatThread()],
  ['mail', await openedMail()],
  ['demo', await demoScreen()],
] as const) {
  const path = join(docs, `${name}.png`);
  await withPage(page, { width: 900 }, async (page) => {
    const picture = await page.locator('main').screenshot();
    await writeFile(path, await paletted(page, picture));
  });
  print(`Written: ${path}`);
}
