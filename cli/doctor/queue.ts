import type { SQS } from '@aws-sdk/client-sqs';
import { find } from './ask.ts';
import { decide, statementsOf } from './policy.ts';
import { aws } from './remedy.ts';
import type { Stack } from './stack.ts';
import { type Finding, fail, ok, unknown } from './verdict.ts';

/** The policy of a queue, JSON; `undefined` if there is none, or no queue. */
export async function readQueuePolicy(client: SQS, QueueUrl: string): Promise<string | undefined> {
  const answer = await find(
    'sqs:GetQueueAttributes',
    client.getQueueAttributes({ QueueUrl, AttributeNames: ['Policy'] }),
  );
  return answer?.Attributes?.Policy;
}

/** A queue that rules send to. */
interface Receiver {
  readonly url: string;
  readonly arn: string;
  /** JSON. */
  readonly policy: string | undefined;
  /** The id of a statement that would let them. */
  readonly statementId: string;
  /** What comes of a rule that may not. */
  readonly otherwise: string;
  /** What is said if all may. */
  readonly fine: string;
}

/** Whether a queue's policy lets rules send to it. @param where its Region and account, and the profile for commands */
export function judgeSenders(
  where: Pick<Stack, 'region' | 'account' | 'profile'>,
  { url, arn, policy, statementId, otherwise, fine }: Receiver,
  rules: readonly { readonly name: string; readonly arn: string }[],
): Finding {
  const decisions = rules.map((rule) =>
    decide(policy, {
      principals: ['events.amazonaws.com'],
      action: 'sqs:SendMessage',
      resource: arn,
      context: {
        'aws:sourcearn': rule.arn,
        'aws:sourceaccount': where.account,
        'aws:securetransport': 'true',
        'aws:principalisawsservice': 'true',
      },
    }),
  );
  const refused = rules.filter((_, i) => /not allowed|forbidden/.test(decisions[i] ?? ''));
  if (refused.length > 0) {
    const statement = {
      Sid: statementId,
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arn,
      Condition: { ArnEquals: { 'aws:SourceArn': rules.map((rule) => rule.arn) } },
    };
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [...statementsOf(policy).filter(({ Sid }) => Sid !== statementId), statement],
    });
    return fail(
      `Its policy does not let ${refused.map(({ name }) => name).join(', ')} send: ${otherwise}.`,
      aws(where)`sqs set-queue-attributes --queue-url ${url}
        --attributes ${JSON.stringify({ Policy })}`,
    );
  }
  if (decisions.includes('undecided')) {
    return unknown(
      'Its policy has conditions that cannot be evaluated here.',
      aws(where)`sqs get-queue-attributes --queue-url ${url} --attribute-names Policy`,
    );
  }
  return ok(fine);
}
