import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';
import { createAttemptStore } from '../lib/attempt/store.ts';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler } from '../lib/aws/handler.ts';
import { functionSpokes, type Place } from '../lib/aws/spokes.ts';
import { describeSecret } from '../lib/deletion/describe.ts';
import { createLedger } from '../lib/deletion/ledger.ts';
import { press } from '../lib/incident/buttons.ts';
import { createIncidentStore } from '../lib/incident/incidents.ts';
import { readButtonsSettings } from '../lib/settings.ts';

const logger = new Logger();
const settings = readButtonsSettings(process.env);

// The chat waits 15 seconds for an answer, and no longer.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/intro-to-the-aws-cli-in-slack.html
const awsSettings = clientSettings(2000, 2);
const own = new SecretsManagerClient(awsSettings);
const spokes = functionSpokes(settings.lookupRoleArn, 'buttons', {
  settings: awsSettings,
  own,
  newSts: () => new STSClient(awsSettings),
  clientsOf: (there, watch) => watch(new SecretsManagerClient(there)),
});
const clientAt = async (place?: Place) => (place && spokes ? spokes.at(place) : own);
const table = { client: new DynamoDBClient(clientSettings(1000, 3)), name: settings.tableName };
const attempts = createAttemptStore(table);
const incidents = createIncidentStore(table);
const { getItems } = createLedger(table);

/**
 * Mutes a secret, or says how it stands, for a button of the chat, which shows what is returned.
 * @throws when the table does not answer: the chat shows that it failed, and nobody tries again but who presses again.
 */
export const handler = createHandler(
  { logger, failure: 'Button not answered' },
  async (payload, { now, home, timeLeft }) => {
    const answer = await press(payload, {
      now,
      home,
      stage: settings.stage,
      timeLeft,
      newId: randomUUID,
      maker: async () => ({ by: settings.chatName }),
      hasSpokes: spokes !== undefined,
      describeSecret: (id, place) => describeSecret(clientAt(place), id),
      getItems,
      incidents,
      attempts,
    });
    logger.info('Button answered', { answer });
    return answer;
  },
);
