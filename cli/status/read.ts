import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Lambda } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Place, placeKey } from '../../lib/aws/spokes.ts';
import { getItems, type Table } from '../../lib/aws/table.ts';
import { identifySecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { createClashStore } from '../../lib/deletion/clashes.ts';
import { placeOf } from '../../lib/deletion/describe.ts';
import { requestedFrom } from '../../lib/deletion/schedule.ts';
import { createIncidentStore } from '../../lib/incident/incidents.ts';
import type { Settings } from '../../lib/settings.ts';
import type { AwsSettings } from '../aws-settings.ts';
import { interruption } from '../interruption.ts';
import { withProgress } from '../progress.ts';
import { findStack, type Stack, settingsOf } from '../service.ts';
import { type HeardOf, readHeard } from '../spokes/heard.ts';
import { hubOf, reachSpokes } from '../spokes/hub.ts';
import { findPlaces } from '../spokes/places.ts';
import { type History, runBackfill } from './backfill.ts';
import { byKey, incidentsBeside, readThoughGone } from './incident.ts';
import type { DatedSecret } from './pending.ts';
import { listPending } from './secrets.ts';
import { type Status, secretStatuses, withoutDrills } from './status.ts';
import { type Survey, surveyPlaces } from './survey.ts';
import { attemptsSince, type Known, readKnown } from './table.ts';

/** What is read besides. */
export interface Scope {
  readonly stage: string;
  /** Whether all accounts and Regions into which the hub may look are read. */
  readonly allAccounts: boolean;
  /** Whether the event history is read before. */
  readonly backfill: boolean;
}

/** What was listed, and how the event history of a place is asked; `place`: if it is not the stack's. */
interface Listed {
  readonly secrets: readonly DatedSecret[];
  readonly cloudTrailOf: (place?: Place) => History['client'];
  readonly heard: HeardOf;
  readonly survey?: Survey;
}

/**
 * Reads the status. The exit code is set to 1 if an event history was not read to its end.
 * @throws NotifierError and what the SDK throws.
 */
export async function readStatus(aws: AwsSettings, scope: Scope): Promise<Status> {
  const now = () => new Date();
  const stack = await findStack(new CloudFormation(aws), scope.stage);
  const settings = await settingsOf(new Lambda(aws), stack);
  const table = { client: new DynamoDBClient(aws), name: settings.tableName };
  const listed = await (scope.allAccounts
    ? listEverywhere(aws, scope.stage, stack, settings, table)
    : listHome(aws));
  const pending = withoutDrills(listed.secrets);
  const home = { accountId: stack.accountId, region: stack.region };
  if (scope.backfill) {
    for (const history of historiesOf(pending.secrets, home, listed, now())) {
      if (interruption().aborted) break;
      if (!(await runBackfill(history, table, now))) process.exitCode ||= 1;
    }
  }
  // Only now: reading the history may take an hour.
  const time = now();
  const known = await readKnown(table);
  const incidents = byKey(await createIncidentStore(table).all());
  const since = (place = home) => knownSince(place, home, known, listed.heard, time);
  const ports = {
    incidents,
    clashes: await createClashStore(table).list(),
    knownSince: (id: SecretId) => since(placeOf(id)),
    getItems: (pk: string) => getItems(table, pk),
    attemptsSince: attemptsSince.bind(undefined, table),
  };
  const secrets = await withProgress('Reading', pending.secrets.length, (advance) =>
    secretStatuses(pending.secrets, settings.tagKeys.owner, ports, time, advance),
  );
  const ids = secrets.map(({ id }) => id);
  return {
    time,
    ...home,
    secrets,
    survey: listed.survey,
    otherIncidents: incidentsBeside(ids, incidents),
    goneIncidents: readThoughGone(incidents),
    knownSince: since(),
    drills: pending.drills,
  };
}

/** A busy account is throttled by its other readers of the history, and so is who asks hundreds of accounts. */
const PATIENT = { maxAttempts: 10 };

async function listHome(aws: AwsSettings): Promise<Listed> {
  const secrets = await listPending(new SecretsManagerClient(aws));
  const cloudTrail = new CloudTrailClient({ ...aws, ...PATIENT });
  return { secrets, cloudTrailOf: () => async () => cloudTrail, heard: new Map() };
}

/** Lists the secrets of the stack's place with the operator's credentials, and all others by the lookup roles there. */
async function listEverywhere(
  aws: AwsSettings,
  stage: string,
  stack: Stack,
  settings: Settings,
  table: Table,
): Promise<Listed> {
  const hub = hubOf(stack, settings);
  const { config } = new SecretsManagerClient(aws);
  const spokes = await reachSpokes(hub, aws, ({ region }, credentials) => {
    // One for all, or each would hold connections of its own.
    const settings = { region, credentials, ...PATIENT, requestHandler: config.requestHandler };
    return {
      // As often as there is time for.
      secretsManager: new SecretsManagerClient({ ...settings, maxAttempts: 6 }),
      cloudTrail: new CloudTrailClient(settings),
    };
  });
  const heard = await readHeard(table, (total, run) => withProgress('Table', total, run));
  const { places, ...known } = await findPlaces(aws, stage, { home: hub.home, heard });
  const others = places.filter((place) => placeKey(place) !== placeKey(hub.home));
  const own = await listHome(aws);
  const { secrets, read, unread } = await withProgress('Places', others.length, (advance) =>
    surveyPlaces(
      others,
      async (place, signal) => listPending((await spokes.at(place)).secretsManager, signal),
      advance,
    ),
  );
  return {
    secrets: [...own.secrets, ...secrets],
    cloudTrailOf: (place) =>
      place ? async () => (await spokes.at(place)).cloudTrail : own.cloudTrailOf(),
    heard,
    survey: { ...known, read: [hub.home, ...read], unread },
  };
}

/** The event histories that may tell of the secrets: that of the stack's place, and of each other with a pending secret. */
function historiesOf(
  secrets: readonly DatedSecret[],
  home: Place,
  { cloudTrailOf }: Listed,
  now: Date,
): History[] {
  const byPlace = Map.groupBy(secrets, ({ arn }) =>
    placeKey(placeOf(identifySecret(arn, home)) ?? home),
  );
  const earliestOf = (listed: readonly DatedSecret[] = []) => {
    const times = listed.map(({ deletedDate }) => requestedFrom(deletedDate, now).getTime());
    return new Date(Math.min(now.getTime(), ...times));
  };
  const own = byPlace.get(placeKey(home));
  byPlace.delete(placeKey(home));
  return [
    { client: cloudTrailOf(), earliest: earliestOf(own) },
    ...[...byPlace.values()].map((listed) => {
      const place = placeOf(identifySecret(listed[0]?.arn, home));
      return { client: cloudTrailOf(place), earliest: earliestOf(listed), place };
    }),
  ];
}

/**
 * Since when attempts in a place are known: in the stack's since there is a table, elsewhere since the first word of it, for
 * nobody can say when its spoke was deployed; or as far back as its event history was read.
 */
function knownSince(
  place: Place,
  home: Place,
  { since, backfilledTo }: Known,
  heard: HeardOf,
  now: Date,
): Date {
  const isHome = placeKey(place) === placeKey(home);
  const first = isHome ? since : (heard.get(placeKey(place))?.first ?? now);
  const begun = first > since ? first : since;
  const filled = backfilledTo(isHome ? undefined : place);
  return filled && filled < begun ? filled : begun;
}
