import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ifPassed } from '../aws/condition.ts';
import { queryPages, type Table } from '../aws/table.ts';
import type { Key } from '../deletion/ledger.ts';
import { inBatches } from '../in-batches.ts';
import { DAY_MS } from '../time.ts';
import type { Claim, ClaimTerms, Confirmation, Quiet } from './claim.ts';

/**
 * Claims the alert of a pair by one conditional write. Passes if the pair has no quiet window or its last one
 * is over, if it was to be renewed by now, or if a run that must have ended never confirmed its claim: so what a claim
 * replaces keeps nobody from claiming. An item of a version that did not confirm counts as confirmed.
 * @throws whatever the SDK throws.
 */
export async function claimPair(
  { client, name }: Table,
  key: Key,
  terms: ClaimTerms,
): Promise<Claim | Quiet> {
  const { token, now, leaseUntil, quietWindow, sent = '' } = terms;
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: name,
        Key: marshall(key),
        UpdateExpression:
          'SET claimedAt = :now, #token = :token, leaseUntil = :lease, expiresAt = :expires, unconfirmed = :true, sent = :sent REMOVE renewAt, arn',
        ConditionExpression:
          'attribute_not_exists(pk) OR claimedAt <= :quietSince OR renewAt <= :now OR #token = :token OR (unconfirmed = :true AND leaseUntil < :now)',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: marshall({
          ':now': now,
          ':token': token,
          ':lease': leaseUntil,
          ':true': true,
          ':sent': sent.slice(0, 2048),
          ':quietSince': now - quietWindow,
          ':expires': Math.ceil((now + quietWindow + DAY_MS) / 1000),
        }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return { key, token, claimedAt: now };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item ? quietUntil(unmarshall(error.Item), terms) : {};
  }
}

/**
 * A claim whose lease is not over may still be given back, so it says nothing for certain; nor, before it is confirmed,
 * of which secret it is.
 */
function quietUntil(pair: Record<string, unknown>, { now, quietWindow }: ClaimTerms): Quiet {
  const { claimedAt, leaseUntil, renewAt = Number.POSITIVE_INFINITY, sent, arn } = pair;
  const isKnown = sent !== undefined && !pair.unconfirmed;
  const of = isKnown ? { sent: String(sent), ...(arn ? { arn: String(arn) } : {}) } : {};
  if (Number(leaseUntil) >= now) return of;
  return { ...of, until: Math.min(Number(claimedAt) + quietWindow, Number(renewAt)) };
}

/** Gives a claim back, so that anybody may claim the pair, as before. @throws whatever the SDK throws. */
export async function releasePair({ client, name }: Table, { key, token }: Claim): Promise<void> {
  await ifPassed(
    client.send(
      new DeleteItemCommand({
        TableName: name,
        Key: marshall(key),
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: marshall({ ':token': token }),
      }),
    ),
  );
}

/**
 * Confirms a claim whose alert has gone out: the pair is now quiet, not only until the lease is over. A `renewAt` that
 * {@link endQuietWindows} has noted since the claim is earlier, and stays.
 * @throws whatever the SDK throws.
 */
export async function confirmPair(
  { client, name }: Table,
  { key, token }: Claim,
  { renewAt, arn }: Confirmation,
): Promise<void> {
  const sets = [
    ...(renewAt === undefined ? [] : ['renewAt = if_not_exists(renewAt, :at)']),
    ...(arn === undefined ? [] : ['arn = :arn']),
  ];
  await ifPassed(
    client.send(
      new UpdateItemCommand({
        TableName: name,
        Key: marshall(key),
        UpdateExpression: `REMOVE unconfirmed${sets.length > 0 ? ` SET ${sets.join(', ')}` : ''}`,
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: marshall(
          { ':token': token, ':at': renewAt, ':arn': arn },
          { removeUndefinedValues: true },
        ),
      }),
    ),
  );
}

/**
 * Lets the pairs of a partition be claimed again whose quiet window began before `time`, when their secret was deleted
 * anew. A window that began since is left alone, so that doing this late or twice does no harm.
 * @throws whatever the SDK throws.
 */
export async function endQuietWindows(table: Table, pk: string, time: Date): Promise<void> {
  const values = { ':time': time.getTime() };
  const pages = queryPages(table, {
    KeyConditionExpression: 'pk = :pk',
    FilterExpression: 'claimedAt < :time',
    ProjectionExpression: 'pk, sk',
    ExpressionAttributeValues: marshall({ ...values, ':pk': pk }),
    ConsistentRead: true,
  });
  for await (const { Items = [] } of pages) {
    await inBatches(Items, async (Key) => {
      const update = new UpdateItemCommand({
        TableName: table.name,
        Key,
        UpdateExpression: 'SET renewAt = :time',
        ConditionExpression: 'claimedAt < :time',
        ExpressionAttributeValues: marshall(values),
      });
      await ifPassed(table.client.send(update));
    });
  }
}
