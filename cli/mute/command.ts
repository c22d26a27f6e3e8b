import { randomUUID } from 'node:crypto';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Lambda } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STS } from '@aws-sdk/client-sts';
import type { Place, Spokes } from '../../lib/aws/spokes.ts';
import { getItems } from '../../lib/aws/table.ts';
import { describeSecret } from '../../lib/deletion/describe.ts';
import { createIncidentStore } from '../../lib/incident/incidents.ts';
import {
  listMutes,
  type MutePorts,
  makerOf,
  muteSecret,
  removeMutes,
} from '../../lib/incident/mute.ts';
import { awsSettings } from '../aws-settings.ts';
import { print, printJson } from '../print.ts';
import {
  findStack,
  type ServiceOptions,
  type Stack,
  serviceCommand,
  settingsOf,
} from '../service.ts';
import { hubOf, reachSpokes } from '../spokes/hub.ts';
import { listJson, listText, mutedJson, mutedText, removedJson, removedText } from './report.ts';
import { type MuteOptions, type Request, readRequest } from './request.ts';

type Options = ServiceOptions & MuteOptions & { json?: boolean };

export const muteCommand = serviceCommand('mute')
  .description(
    'Mutes attempts on a secret that is scheduled for deletion, or gone: they are counted, but cause no alert, no digest and no last call; with --caller those of others still do. Never beyond that deletion, nor, of a secret that is gone, beyond the 60 days for which it is remembered.',
  )
  .option(
    '--secret <name>',
    'the name of the secret, or its ARN, by which one of another account or Region is named',
  )
  .option(
    '--caller <pattern>',
    'mute these callers alone: a pattern of what a mail shows as Caller ARN, with * for any characters (default: all callers)',
  )
  .option(
    '--until <date>',
    'until then, in UTC if it says no other (default: until the deletion ends, or that of a secret that is gone is forgotten)',
  )
  .option('--for <span>', 'for so long, such as 12h or 7d, instead')
  .option('--reason <text>', 'why; it is kept, with who you are, and shown in mails')
  .option('--list', 'show all mutes in force; with --json also those that have ended')
  .option('--remove', 'remove the mutes of the secret; with --caller that of this pattern alone')
  .option('--json', 'print one JSON object instead')
  .addHelpText(
    'after',
    '\nExit code: 0, or 2 for wrong use and for a secret that is neither pending nor known as gone.',
  )
  .action(mute);

async function mute(options: Options): Promise<void> {
  const now = () => new Date();
  const request = readRequest(options, now());
  const aws = await awsSettings(options);
  const stack = await findStack(new CloudFormation(aws), options.stage);
  const settings = await settingsOf(new Lambda(aws), stack);
  const table = { client: new DynamoDBClient(aws), name: settings.tableName };
  const secretsManager = new SecretsManagerClient(aws);
  let spokes: Promise<Spokes<SecretsManagerClient>> | undefined;
  const clientIn = async (place: Place) => {
    spokes ??= reachSpokes(
      hubOf(stack, settings),
      aws,
      ({ region }, credentials) =>
        new SecretsManagerClient({ region, credentials, requestHandler: aws.requestHandler }),
    );
    return (await spokes).at(place);
  };
  const ports: MutePorts = {
    now,
    newId: randomUUID,
    hasSpokes: settings.lookupRoleArn !== undefined,
    describeSecret: (id, place) => describeSecret(place ? clientIn(place) : secretsManager, id),
    getItems: (pk) => getItems(table, pk),
    maker: async () => makerOf((await new STS(aws).getCallerIdentity({})).Arn ?? 'unknown'),
    incidents: createIncidentStore(table),
  };
  const { text, json } = await perform(request, stack, ports, options);
  if (options.json) printJson(json);
  else print(text);
}

async function perform(request: Request, stack: Stack, ports: MutePorts, options: Options) {
  switch (request.kind) {
    case 'mute': {
      const muted = await muteSecret(request, stack, ports);
      return { text: mutedText(muted, options, stack), json: mutedJson(muted, ports.now()) };
    }
    case 'remove': {
      const removed = await removeMutes(request, stack, ports);
      return { text: removedText(removed), json: removedJson(removed, ports.now()) };
    }
    case 'list': {
      const mutes = await listMutes(ports);
      const time = ports.now();
      return { text: listText(mutes, time, stack), json: listJson(mutes, time) };
    }
  }
}
