import { writeFile } from 'node:fs/promises';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Lambda } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { getItems } from '../../lib/aws/table.ts';
import { requestedFrom } from '../../lib/deletion/schedule.ts';
import { NotifierError } from '../../lib/errors.ts';
import { createIncidentStore } from '../../lib/incident/incidents.ts';
import { type AwsSettings, awsSettings } from '../aws-settings.ts';
import { print, printJson, printNote } from '../print.ts';
import { withProgress } from '../progress.ts';
import { findStack, type ServiceOptions, serviceCommand, settingsOf } from '../service.ts';
import { runBackfill } from './backfill.ts';
import { byKey, incidentsBeside } from './incident.ts';
import { renderPage } from './page.ts';
import { statusJson, statusText } from './report.ts';
import { listPending } from './secrets.ts';
import { type Status, secretStatuses, withoutDrills } from './status.ts';
import { attemptsSince, knownSince } from './table.ts';

interface Options extends ServiceOptions {
  backfill?: boolean;
  short?: boolean;
  html?: string;
  json?: boolean;
}

export const statusCommand = serviceCommand('status')
  .description(
    'Shows every secret that is scheduled for deletion, who still tries to read it, and whether it can be let go.',
  )
  .option('--backfill', "first read the attempts of the past from CloudTrail's event history")
  .option('--short', 'print one line for each secret')
  .option('--html <file>', 'write a page for the browser instead')
  .option('--json', 'print one JSON object instead')
  .addHelpText(
    'after',
    '\nExit code: 0, 1 if the event history could not be read to its end, 130 if interrupted by Ctrl-C, 2 for wrong use.',
  )
  .action(status);

async function status(options: Options): Promise<void> {
  const { stage, backfill, short, html, json, ...aws } = options;
  const found = await readStatus(await awsSettings(aws), stage, backfill ?? false);
  if (html !== undefined) await write(html, renderPage(found));
  if (json) printJson(statusJson(found));
  else if (html === undefined) print(statusText(found, process.stdout.columns || 80, short));
}

async function readStatus(aws: AwsSettings, stage: string, isBackfill: boolean): Promise<Status> {
  const now = () => new Date();
  const stack = await findStack(new CloudFormation(aws), stage);
  const { tableName, tagKeys } = await settingsOf(new Lambda(aws), stack);
  const table = { client: new DynamoDBClient(aws), name: tableName };
  const pending = withoutDrills(await listPending(new SecretsManagerClient(aws)));
  if (isBackfill) {
    const start = now();
    const times = pending.secrets.map((secret) =>
      requestedFrom(secret.deletedDate, start).getTime(),
    );
    const earliest = new Date(Math.min(start.getTime(), ...times));
    // A busy account is throttled by its other readers of the history.
    const cloudTrail = new CloudTrailClient({ ...aws, maxAttempts: 10 });
    if (!(await runBackfill(cloudTrail, table, earliest, now))) process.exitCode ||= 1;
  }
  // Only now: reading the history may take an hour.
  const time = now();
  const since = await knownSince(table);
  const incidents = byKey(await createIncidentStore(table).all());
  const ports = {
    incidents,
    getItems: (pk: string) => getItems(table, pk),
    attemptsSince: attemptsSince.bind(undefined, table),
  };
  const secrets = await withProgress('Reading', pending.secrets.length, (advance) =>
    secretStatuses(pending.secrets, tagKeys.owner, ports, since, time, advance),
  );
  const { accountId, region } = stack;
  const { drills } = pending;
  const ids = secrets.map(({ id }) => id);
  const otherIncidents = incidentsBeside(ids, incidents);
  return { time, accountId, region, secrets, otherIncidents, drills, knownSince: since };
}

async function write(file: string, page: string): Promise<void> {
  await writeFile(file, page).catch((error: Error) => {
    throw new NotifierError(
      'INVALID_FILE',
      `${file}: expected a file to write (${error.message}).`,
    );
  });
  printNote(`Written: ${file}`);
}
