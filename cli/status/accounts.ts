import type { Place } from '../../lib/aws/spokes.ts';
import { placeOf } from '../../lib/deletion/describe.ts';
import { defang, oneLine } from '../../lib/text.ts';
import type { SecretStatus, Status } from './status.ts';
import type { Survey } from './survey.ts';

/** What was found of an account, and what could not be read of it. */
export interface AccountStatus {
  readonly id: string;
  /** As a stranger wrote it. */
  readonly name?: string;
  /** The Regions that were read, each with its pending secrets, the soonest deletion first. */
  readonly regions: readonly RegionStatus[];
  /** The other Regions, by what refused or failed. */
  readonly unread: ReadonlyMap<string, readonly string[]>;
}

interface RegionStatus {
  readonly region: string;
  readonly secrets: readonly SecretStatus[];
}

/** The accounts of a survey, those with the soonest deletion first, then those without any. */
export function accountsOf(status: Status, { names, read, unread }: Survey): AccountStatus[] {
  const home: Place = status;
  const withSecrets = Map.groupBy(status.secrets, ({ id }) => (placeOf(id) ?? home).accountId);
  const answered = Map.groupBy(read, ({ accountId }) => accountId);
  const faults = Map.groupBy(unread, ({ place }) => place.accountId);
  const ids = new Set([...withSecrets.keys(), ...answered.keys(), ...faults.keys()]);
  return [...ids].map((id) => {
    const byRegion = Map.groupBy(
      withSecrets.get(id) ?? [],
      (secret) => (placeOf(secret.id) ?? home).region,
    );
    const regions = new Set([
      ...byRegion.keys(),
      ...(answered.get(id) ?? []).map(({ region }) => region),
    ]);
    const byReason = Map.groupBy(faults.get(id) ?? [], ({ reason }) => reason);
    return {
      id,
      name: names.get(id),
      regions: [...regions].map((region) => ({ region, secrets: byRegion.get(region) ?? [] })),
      unread: new Map(
        [...byReason].map(([reason, some]) => [reason, some.map(({ place }) => place.region)]),
      ),
    };
  });
}

/** The secrets of all Regions of an account. */
export const secretsOf = ({ regions }: AccountStatus): SecretStatus[] =>
  regions.flatMap(({ secrets }) => secrets);

/** An account's name as it can be shown; `undefined` if it is not known. */
export const accountName = ({ name = '' }: { name?: string | undefined }): string | undefined =>
  defang(oneLine(name, 50)) || undefined;

/** `Region eu-west-1`, `Regions eu-west-1, us-east-1`: those of which a survey has read any account. */
export const regionsText = (survey: Survey): string => {
  const regions = regionsOf(survey);
  return `${regions.length === 1 ? 'Region' : 'Regions'} ${regions.join(', ')}`;
};

export const regionsOf = ({ read }: Survey): string[] =>
  [...new Set(read.map(({ region }) => region))].sort();

/** What to say where there may be more accounts or Regions. */
export function moreTexts({ survey }: Status): string[] {
  const more = 'here: there may be more, of which nothing was heard.';
  return [
    ...(survey?.areAllAccounts === false
      ? [`AWS Organizations did not list its accounts ${more}`]
      : []),
    ...(survey?.areAllRegions === false
      ? [`The StackSet of the spokes did not list its Regions ${more}`]
      : []),
  ];
}

/** How many accounts have answered, in one Region or more. */
export const countAnswered = (accounts: readonly AccountStatus[]): number =>
  accounts.filter(({ regions }) => regions.length > 0).length;

/**
 * What could not be read, by what refused or failed: the accounts, each with those of its Regions, or without if none of them
 * was read, all for this one reason.
 */
export function unreadTexts(accounts: readonly AccountStatus[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const account of accounts) {
    for (const [reason, regions] of account.unread) {
      const name = accountName(account);
      const who = name ? `${account.id} (${name})` : account.id;
      const isWhole = account.regions.length === 0 && account.unread.size === 1;
      const line = isWhole ? who : `${who} in ${regions.join(', ')}`;
      texts.set(reason, [...(texts.get(reason) ?? []), line]);
    }
  }
  return texts;
}
