import {
  type CallAs,
  CloudFormation,
  paginateListStackInstances,
  type StackInstanceSummary,
} from '@aws-sdk/client-cloudformation';
import { OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import type { Place } from '../../lib/aws/spokes.ts';
import { NotifierError } from '../../lib/errors.ts';
import { oneLine } from '../../lib/text.ts';
import { spokeNames } from '../../stack/names.ts';
import { expected } from '../aws-errors.ts';
import type { AwsSettings } from '../aws-settings.ts';
import { collect } from '../pages.ts';
import { printNote } from '../print.ts';
import type { HeardOf } from './heard.ts';

/** An account of the organization. Its name is whatever its owner has called it. */
export interface Account {
  readonly id: string;
  readonly name?: string;
}

/** A spoke that a StackSet has put, or tried to put, somewhere. */
export interface Instance extends Place {
  /** As AWS has it: how it stands to the StackSet, and what the last operation on it came to, such as `OUTDATED, FAILED`. */
  readonly status: string;
  /** Whether the last operation has not brought it up to date, and none is at work. */
  readonly isOutdated: boolean;
  /** As whom the StackSet is read. */
  readonly callAs: CallAs;
}

/** Where a hub may look. */
export interface KnownPlaces {
  /** Each account with each Region, in the order of their ids; the hub's account is the first. */
  readonly places: readonly Place[];
  /** Whether these are all accounts of the organization; else there may be more, of which nothing was heard. */
  readonly areAllAccounts: boolean;
  /** The same of the Regions into which the StackSet has put spokes. */
  readonly areAllRegions: boolean;
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
  /** Where the StackSet has put spokes; `undefined` where there is none that may be read. */
  readonly deployed?: readonly Place[];
}

/**
 * Where the hub of a stage may look, as far as the operator may know: what Organizations or the StackSet do not tell is
 * left out. If they fail otherwise than by a refusal, that is noted, and the exit code set to 1.
 * @throws defects only
 */
export async function findPlaces(
  aws: AwsSettings,
  stage: string,
  known: Pick<Knowledge, 'home' | 'heard'>,
): Promise<KnownPlaces> {
  const [accounts, deployed] = await Promise.all([
    orNote('the accounts of AWS Organizations', listAccounts(new OrganizationsClient(aws))),
    orNote(
      'the StackSet of the spokes',
      listDeployed(new CloudFormation(aws), spokeNames(stage).stackSet),
    ),
  ]);
  return knownPlaces({ ...known, accounts, deployed });
}

async function orNote<Answer>(what: string, answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    const fault = expected(error);
    if (!(fault instanceof NotifierError)) throw error;
    process.exitCode ||= 1;
    printNote(`Not read: ${what} (${oneLine(fault.message, 300)})`);
    return undefined;
  }
}

/**
 * Every account that may have a spoke in every Region that any has: those of the hub, of the StackSet's instances and of
 * the table, and the active accounts of the organization. Where these are known, others are left out: they are closed, or
 * strangers', in which no hub may look.
 */
export function knownPlaces({ home, heard, accounts, deployed }: Knowledge): KnownPlaces {
  const places = [...(deployed ?? []), ...Array.from(heard.values(), ({ place }) => place)];
  const active = accounts && new Set(accounts.map(({ id }) => id));
  const ids = new Set([...places.map(({ accountId }) => accountId), ...(active ?? [])]);
  const others = [...ids].filter((id) => id !== home.accountId && (active?.has(id) ?? true));
  const regions = new Set([home.region, ...places.map(({ region }) => region)]);
  return {
    places: [home.accountId, ...others.sort()].flatMap((accountId) =>
      [...regions].sort().map((region) => ({ accountId, region })),
    ),
    areAllAccounts: accounts !== undefined,
    areAllRegions: deployed !== undefined,
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

/**
 * The instances of a StackSet, but those of suspended accounts; `undefined` if there is none, or if it may not be read.
 * @throws as {@link listAccounts}.
 */
export async function listDeployed(
  client: CloudFormation,
  StackSetName: string,
): Promise<Instance[] | undefined> {
  for (const callAs of CALLERS) {
    const pages = paginateListStackInstances({ client }, { StackSetName, CallAs: callAs });
    const found = await unlessRefused(collect(pages, ({ Summaries }) => Summaries));
    if (found) return found.flatMap((one) => instanceOf(one, callAs) ?? []);
  }
  return undefined;
}

/** Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackInstanceSummary.html */
function instanceOf(
  { Account: accountId, Region: region, Status, StackInstanceStatus }: StackInstanceSummary,
  callAs: CallAs,
): Instance | undefined {
  const detail = StackInstanceStatus?.DetailedStatus;
  if (!accountId || !region || detail === 'SKIPPED_SUSPENDED_ACCOUNT') return undefined;
  const isAtWork = detail === 'PENDING' || detail === 'RUNNING';
  return {
    accountId,
    region,
    status: [...new Set([Status, detail])].filter(Boolean).join(', '),
    isOutdated: !isAtWork && (Status === 'OUTDATED' || Status === 'INOPERABLE'),
    callAs,
  };
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
