import { writeFile } from 'node:fs/promises';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STS } from '@aws-sdk/client-sts';
import { Command, InvalidArgumentError, Option } from 'commander';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { NotifierError } from '../../lib/errors.ts';
import { type AwsSettings, awsSettings } from '../aws-settings.ts';
import { print, printJson, printNote } from '../print.ts';
import { tryToWrite, unwritable } from '../run-command.ts';
import { withAws } from '../service.ts';
import { HISTORY_DAYS } from './history.ts';
import { renderReadersPage } from './page.ts';
import { readSurvey } from './read.ts';
import { readersJson, readersText } from './report.ts';
import { type Asked, describe, listAll } from './secrets.ts';
import { openState } from './state.ts';

interface Options {
  secret?: string;
  all?: boolean;
  days: number;
  region?: string;
  profile?: string;
  json?: boolean;
  html?: string;
}

export const readersCommand = withAws(
  new Command('readers')
    .description(
      "Shows who has read a secret, from CloudTrail's event history, and whether it can be deleted; needs no deployed stack.",
    )
    .addOption(
      new Option('--secret <name>', 'its name or ARN; an ARN brings its own Region').conflicts(
        'all',
      ),
    )
    .option('--all', 'rank every secret of the account and Region by its last read')
    .addOption(
      new Option('--days <days>', 'how far to look back')
        .argParser(toDays)
        .default(HISTORY_DAYS, String(HISTORY_DAYS)),
    ),
)
  .option('--html <file>', 'write a page for the browser, instead of the text')
  .option('--json', 'print one JSON object, instead of the text')
  .addHelpText(
    'after',
    '\nCloudTrail gives 100 events a second. Interrupted, the same call goes on where it stopped.\nExit code: 0; 1 if the event history could not be read to its end; 130 if interrupted by Ctrl-C, 2 for wrong use.',
  )
  .action(readers);

async function readers(options: Options): Promise<void> {
  const { secret, all = false, days, html, json } = options;
  if (!all && !secret?.trim()) {
    const what = 'Expected --secret with a name or an ARN, or --all, got neither';
    throw new NotifierError('INVALID_OPTIONS', `${what}. Run: npm run -s readers -- --secret NAME`);
  }
  if (html !== undefined) await tryToWrite(html);
  const aws = await settingsFor(options);
  const { accountId, asked } = await find(aws, all ? undefined : secret);
  const { region, profile } = aws;
  // As often as there is time for: a busy account is throttled by its other readers of the history.
  const cloudTrail = new CloudTrailClient({ ...aws, maxAttempts: 10 });
  const question = all ? 'all' : (asked[0]?.secret.arn ?? '');
  using state = openState([accountId, region, question, String(days)]);
  const scope = { accountId, region, days, profile, isOfAll: all };
  const survey = await readSurvey(asked, scope, cloudTrail, state);
  if (!survey) return;
  if (html !== undefined) {
    await writeFile(html, renderReadersPage(survey)).catch(unwritable(html));
    printNote(`Written: ${html}`);
  }
  if (json) printJson(readersJson(survey));
  else if (html === undefined) print(readersText(survey, process.stdout.columns || 80));
  // Only now: what was read may have taken an hour, and the page may not have been writable.
  state.end();
}

/** In the Region that an ARN names, if one is given. @throws NotifierError `INVALID_OPTIONS` if --region names another. */
async function settingsFor({ secret, region, profile }: Options): Promise<AwsSettings> {
  const own = secret ? identifySecret(secret.trim(), {}).region : undefined;
  if (own && region && own !== region) {
    const what = `Expected --region to be that of the ARN, ${own}, got ${region}`;
    throw new NotifierError('INVALID_OPTIONS', `${what}. Leave it out.`);
  }
  return awsSettings({ region: region ?? own, profile });
}

/**
 * The account of the credentials, and the secret of this id in it, or all.
 * @throws NotifierError `INVALID_OPTIONS` for a secret of another account, whose event history these credentials do not show.
 */
async function find(
  aws: AwsSettings,
  secret: string | undefined,
): Promise<{ accountId: string; asked: Asked[] }> {
  const client = new SecretsManagerClient(aws);
  const { Account: accountId = '' } = await new STS(aws).getCallerIdentity({});
  if (secret === undefined) {
    return { accountId, asked: await listAll(client, aws.region) };
  }
  const named = identifySecret(secret.trim(), {}).accountId;
  if (named && named !== accountId) {
    const what = `Expected a secret of account ${accountId}, that of the credentials, got one of ${named}`;
    const next =
      'Only the event history of its own account shows its readers: name a profile of it by --profile.';
    throw new NotifierError('INVALID_OPTIONS', `${what}. ${next}`);
  }
  return { accountId, asked: [await describe(client, secret.trim(), aws.region)] };
}

function toDays(value: string): number {
  const days = /^\d+$/.test(value) ? Number(value) : 0;
  if (days >= 1 && days <= HISTORY_DAYS) return days;
  throw new InvalidArgumentError(`Expected a whole number of days from 1 to ${HISTORY_DAYS}.`);
}
