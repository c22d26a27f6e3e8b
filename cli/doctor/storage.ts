import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { SQS } from '@aws-sdk/client-sqs';
import { plural } from '../../lib/time.ts';
import { DEAD_LETTER_QUEUE } from '../../stack/dead-letter-queue.ts';
import { ATTRIBUTES, DELETIONS, TABLE } from '../../stack/table.ts';
import { ask, find } from './ask.ts';
import type { Context } from './context.ts';
import { aws, npm, redeploy } from './remedy.ts';
import { physicalId, type Stack, watchedBy } from './stack.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

export const storageChecks = ({ clients, stack }: Context): Checks => ({
  'dead-letter queue': async () => {
    const url = physicalId(stack, DEAD_LETTER_QUEUE);
    return judgeQueue(stack, url, await countAll(clients.sqs, url));
  },
  table: async () => {
    const name = physicalId(stack, TABLE);
    return judgeTable(stack, name, await readTable(clients.dynamoDb, name));
  },
});

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/**
 * How many messages a queue holds, in flight and delayed ones included; `undefined` if there is no such queue.
 */
export async function countAll(client: SQS, QueueUrl: string): Promise<number | undefined> {
  const answer = await find(
    'sqs:GetQueueAttributes',
    client.getQueueAttributes({ QueueUrl, AttributeNames: [...COUNTS] }),
  );
  if (!answer) return undefined;
  return COUNTS.reduce((sum, name) => sum + Number(answer.Attributes?.[name] ?? 0), 0);
}

interface DescribedTable {
  /** `ACTIVE`, `UPDATING` … of the table and each index, by name. */
  readonly statuses: Readonly<Record<string, string>>;
  readonly expires: boolean;
  readonly recoverable: boolean;
}

/** `undefined` if there is no such table. */
async function readTable(client: DynamoDB, TableName: string): Promise<DescribedTable | undefined> {
  const described = await find('dynamodb:DescribeTable', client.describeTable({ TableName }));
  if (!described) return undefined;
  const { TableStatus = '', GlobalSecondaryIndexes = [] } = described.Table ?? {};
  const { TimeToLiveDescription } = await ask(
    'dynamodb:DescribeTimeToLive',
    client.describeTimeToLive({ TableName }),
  );
  const { ContinuousBackupsDescription } = await ask(
    'dynamodb:DescribeContinuousBackups',
    client.describeContinuousBackups({ TableName }),
  );
  const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  return {
    statuses: {
      table: TableStatus,
      ...Object.fromEntries(
        GlobalSecondaryIndexes.map(({ IndexName, IndexStatus = TableStatus }) => [
          `index ${IndexName}`,
          IndexStatus,
        ]),
      ),
    },
    expires: /^ENABL(ED|ING)$/.test(TimeToLiveDescription?.TimeToLiveStatus ?? ''),
    recoverable: recovery?.PointInTimeRecoveryStatus === 'ENABLED',
  };
}

/** Each message is an attempt that may be unreported, or a deletion that may be unknown. */
function judgeQueue(stack: Stack, url: string, messages: number | undefined): Finding {
  if (messages === undefined) return fail(`There is no queue ${url}.`, redeploy(stack));
  if (messages === 0) return ok('empty');
  const what = `It holds ${plural(messages, 'message')} that could not be handled.`;
  return fail(what, npm('replay', stack));
}

/** Whether the table can be used: without it no attempt is alerted. */
function judgeTable(stack: Stack, name: string, described: DescribedTable | undefined): Finding {
  if (!described) return fail(`There is no table ${name}.`, redeploy(stack));
  // UPDATING can be used: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
  const bad = Object.entries(described.statuses).filter(
    ([, status]) => !/^(ACTIVE|UPDATING)$/.test(status),
  );
  if (bad.length > 0) {
    const list = bad.map(([part, status]) => `${part} is ${status}`).join(', ');
    return fail(`The ${list}.`, aws(stack)`dynamodb describe-table --table-name ${name}`);
  }
  const { IndexName } = DELETIONS;
  if (watchedBy(stack).watchGoneSecrets && !(`index ${IndexName}` in described.statuses)) {
    return fail(
      `It lacks the index ${IndexName}: no read of a secret that is gone is reported.`,
      aws(stack)`dynamodb update-table --table-name ${name}
        --attribute-definitions ${JSON.stringify(ATTRIBUTES)}
        --global-secondary-index-updates ${JSON.stringify([{ Create: DELETIONS }])}`,
    );
  }
  if (!described.expires) {
    return warn(
      'Its items never expire.',
      aws(stack)`dynamodb update-time-to-live --table-name ${name}
        --time-to-live-specification Enabled=true,AttributeName=expiresAt`,
    );
  }
  if (!described.recoverable) {
    return warn(
      'Point-in-time recovery is off.',
      aws(stack)`dynamodb update-continuous-backups --table-name ${name}
        --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
    );
  }
  return ok('ACTIVE, items expire, point-in-time recovery on');
}
