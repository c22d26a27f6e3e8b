import { join } from 'node:path';
import { renderPage } from '../../cli/status/page.ts';
import { withPage } from './browser.ts';
import { EXAMPLES, statusOf } from './example.ts';

/** Makes the picture of the status page that the README shows, from the examples. */
const path = join(import.meta.dirname, '../../docs/status.png');
const markup = renderPage(await statusOf(EXAMPLES));
await withPage(markup, { width: 1080 }, async (page) => {
  const third = await page.locator('.secret').nth(2).boundingBox();
  const clip = { x: 0, y: 0, width: 1080, height: third ? third.y + third.height + 12 : 0 };
  await page.screenshot({ path, clip, fullPage: true });
});
console.log(`Written: ${path}`);
