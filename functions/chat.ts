import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler, type Run } from '../lib/aws/handler.ts';
import { createChatBudgetStore } from '../lib/incident/budget.ts';
import { type ChatPorts, tellChat } from '../lib/incident/chat.ts';
import { createSentStore } from '../lib/notice/channel.ts';
import { chatChannel } from '../lib/notice/chat/delivery.ts';
import { readSnsEvent } from '../lib/notice/sns-event.ts';
import { readChatSettings } from '../lib/settings.ts';

const logger = new Logger();
const metrics = new Metrics();
const { chatTopicArn, tableName, ...policy } = readChatSettings(process.env);

const publish = chatChannel(new SNSClient(clientSettings(4000)), chatTopicArn);
const table = { client: new DynamoDBClient(clientSettings(1000, 5)), name: tableName };
const stores = { sent: createSentStore(table), budget: createChatBudgetStore(table) };

const portsOf = (run: Run): ChatPorts => ({
  ...run,
  ...stores,
  token: run.id,
  async publish(message, notices) {
    const messageId = await publish(message);
    logger.info('Chat message published', { notices: notices.map(({ id }) => id), messageId });
    metrics.addMetric('ChatMessages', MetricUnit.Count, 1);
  },
});

/**
 * Publishes the notices that the topic of notices hands on to the topic of the chat.
 * @throws for what is no such event, and as {@link tellChat} for what could not be published: Lambda then tries again, twice,
 * and hands the event to the dead-letter queue.
 */
export const handler = createHandler(
  { logger, metrics, failure: 'Notices not sent to the chat' },
  async (event, run) => {
    const left = await tellChat(readSnsEvent(event), policy, portsOf(run));
    if (left.length === 0) return;
    // A digest names the attempts among them; what is announced has a mail or none.
    logger.info('Notices left out of the chat', {
      notices: left.map(({ id, kind }) => ({ id, kind })),
    });
    metrics.addMetric('ChatDeferred', MetricUnit.Count, left.length);
  },
);
