import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler } from '../lib/aws/handler.ts';
import { busChannel } from '../lib/notice/bus/delivery.ts';
import { renderEvent } from '../lib/notice/bus/event.ts';
import { createSentStore, deliver } from '../lib/notice/channel.ts';
import { readSnsEvent } from '../lib/notice/sns-event.ts';
import { readBusSettings } from '../lib/settings.ts';

const logger = new Logger();
const metrics = new Metrics();
const settings = readBusSettings(process.env);

const table = { client: new DynamoDBClient(clientSettings(1000, 5)), name: settings.tableName };
const sent = createSentStore(table);
const putEvent = busChannel(new EventBridgeClient(clientSettings(2000)), settings.eventBusName);

/**
 * Puts each notice that the topic of notices hands on as an event on the bus, once, as far as anybody can tell.
 * @throws for what is no such event, and as {@link deliver} for what the bus does not take: Lambda then tries again, twice,
 * and hands the event to the dead-letter queue.
 */
export const handler = createHandler(
  { logger, metrics, failure: 'Notices not put on the bus' },
  async (event, run) => {
    const { notices, stack } = readSnsEvent(event);
    await deliver(
      'bus',
      notices.map((notice) => [notice]),
      async ([notice]) => {
        const eventId = await putEvent(renderEvent(notice, stack));
        const { id, kind, incident } = notice;
        logger.info('Notice put on the bus', { notice: id, kind, incident, eventId });
        metrics.addMetric('BusEvents', MetricUnit.Count, 1);
        return 'sent';
      },
      { ...run, token: run.id, sent },
    );
  },
);
