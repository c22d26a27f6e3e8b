import { writeFile } from 'node:fs/promises';
import { awsSettings } from '../aws-settings.ts';
import { print, printJson, printNote } from '../print.ts';
import { tryToWrite, unwritable } from '../run-command.ts';
import { type ServiceOptions, serviceCommand } from '../service.ts';
import { renderPage } from './page.ts';
import { readStatus } from './read.ts';
import { statusJson, statusText } from './report.ts';

interface Options extends ServiceOptions {
  allAccounts?: boolean;
  backfill?: boolean;
  short?: boolean;
  html?: string;
  json?: boolean;
}

export const statusCommand = serviceCommand('status')
  .description(
    'Shows every secret that is scheduled for deletion, who still tries to read it, and whether it can be let go.',
  )
  .option(
    '--all-accounts',
    'of a hub: also those of every account and Region whose spoke lets it look',
  )
  .option('--backfill', "first read the attempts of the past from CloudTrail's event history")
  .option('--short', 'print one line for each secret')
  .option('--html <file>', 'write a page for the browser, instead of the text')
  .option('--json', 'print one JSON object, instead of the text')
  .addHelpText(
    'after',
    '\nExit code: 0, also where accounts refuse; 1 if an event history could not be read to its end, or an account or a listing did not answer; 130 if interrupted by Ctrl-C, 2 for wrong use.',
  )
  .action(status);

async function status(options: Options): Promise<void> {
  const { stage, allAccounts = false, backfill = false, short, html, json, ...aws } = options;
  if (html !== undefined) await tryToWrite(html);
  const found = await readStatus(await awsSettings(aws), { stage, allAccounts, backfill });
  if (found.survey?.unread.some(({ isRefused }) => !isRefused)) process.exitCode ||= 1;
  if (html !== undefined) await write(html, renderPage(found));
  if (json) printJson(statusJson(found));
  else if (html === undefined) print(statusText(found, process.stdout.columns || 80, short));
}

async function write(file: string, page: string): Promise<void> {
  await writeFile(file, page).catch(unwritable(file));
  printNote(`Written: ${file}`);
}
