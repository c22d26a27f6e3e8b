import {
  type CallAs,
  CloudFormation,
  paginateListStackInstances,
} from '@aws-sdk/client-cloudformation';
import { OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import type { Place } from '../../lib/aws/spokes.ts';
import { spokeNames } from '../../stack/names.ts';
import type { AwsSettings } from '../aws-settings.ts';
import { collect } from '../pages.ts';
import type { HeardOf } from './heard.ts';

/** An account of the organization. Its name is whatever its owner has called it. */
export interface Account {
  readonly id: string;
  readonly name?: string;
}

/** Where a hub may look. */
export interface KnownPlaces {
  /** Each account with each Region, in the order of their ids; the hub's account is the first. */
  readonly places: readonly Place[];
  /** Whether these are all accounts of the organization; else there may be more, of which nothing was heard. */
  readonly isAll: boolean;
  /** The names of accounts by their ids, as strangers wrote them. */
  readonly names: ReadonlyMap<string, string>;
}

/** What can be known of accounts and Regions. */
export interface Knowledge {
  readonly home: Place;
  /** What the table has heard of. */
  readonly heard: HeardOf;
  /** The organization's active accounts; `undefined` where they may not be listed. */
  readonly accounts?: readonly Account[];
  /** Where the StackSet has put spokes; none where that may not be read. */
  readonly deployed: readonly Place[];
}

/**
 * Where the hub of a stage may look, as far as the operator may know: what Organizations or the StackSet do not tell is
 * left out. @throws what else the SDK throws.
 */
export async function findPlaces(
  aws: AwsSettings,
  stage: string,
  known: Pick<Knowledge, 'home' | 'heard'>,
): Promise<KnownPlaces> {
  const [accounts, deployed] = await Promise.all([
    listAccounts(new OrganizationsClient(aws)),
    listDeployed(new CloudFormation(aws), spokeNames(stage).stackSet),
  ]);
  return knownPlaces({ ...known, accounts, deployed });
}

/**
 * Every account that may have a spoke in every Region that any has: those of the hub, of the StackSet's instances and of
 * the table, and the active accounts of the organization. Where these are known, others are left out: they are closed, or
 * strangers', in which no hub may look.
 */
export function knownPlaces({ home, heard, accounts, deployed }: Knowledge): KnownPlaces {
  const places = [...deployed, ...Array.from(heard.values(), ({ place }) => place)];
  const active = accounts && new Set(accounts.map(({ id }) => id));
  const ids = new Set([...places.map(({ accountId }) => accountId), ...(active ?? [])]);
  const others = [...ids].filter((id) => id !== home.accountId && (active?.has(id) ?? true));
  const regions = new Set([home.region, ...places.map(({ region }) => region)]);
  return {
    places: [home.accountId, ...others.sort()].flatMap((accountId) =>
      [...regions].sort().map((region) => ({ accountId, region })),
    ),
    isAll: accounts !== undefined,
    names: new Map(accounts?.flatMap(({ id, name }) => (name ? [[id, name]] : []))),
  };
}

/**
 * The active accounts of the organization; `undefined` for whom Organizations refuses, which answers the management account
 * and delegated administrators only. @throws whatever else the SDK throws.
 */
export async function listAccounts(client: OrganizationsClient): Promise<Account[] | undefined> {
  const found = await unlessRefused(
    collect(paginateListAccounts({ client }, {}), ({ Accounts }) => Accounts),
  );
  // AWS has replaced `Status` by `State`, and may leave out the former:
  // https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
  return found
    ?.filter(({ State, Status }) => (State ?? Status) === 'ACTIVE')
    .flatMap(({ Id, Name }) => (Id ? [{ id: Id, name: Name }] : []));
}

/** As whom a StackSet may be read: in the management account, or by a delegated administrator. */
const CALLERS: readonly CallAs[] = ['SELF', 'DELEGATED_ADMIN'];

/** Where a StackSet has instances; nowhere if there is none, or if it may not be read. @throws as {@link listAccounts}. */
export async function listDeployed(client: CloudFormation, StackSetName: string): Promise<Place[]> {
  for (const CallAs of CALLERS) {
    const pages = paginateListStackInstances({ client }, { StackSetName, CallAs });
    const found = await unlessRefused(collect(pages, ({ Summaries }) => Summaries));
    if (!found) continue;
    return found.flatMap(({ Account: accountId, Region: region }) =>
      accountId && region ? [{ accountId, region }] : [],
    );
  }
  return [];
}

/** What AWS says to whom it does not answer, or of what there is none. */
const REFUSALS = /^(AccessDenied|AWSOrganizationsNotInUse|StackSetNotFound|ValidationError$)/;

async function unlessRefused<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && REFUSALS.test(error.name)) return undefined;
    throw error;
  }
}
