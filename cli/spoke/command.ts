import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { NotifierError } from '../../lib/errors.ts';
import { type HubValues, spokeTemplate } from '../../stack/spoke.ts';
import { awsSettings } from '../aws-settings.ts';
import { print, printJson } from '../print.ts';
import { unwritable } from '../run-command.ts';
import { findStack, type ServiceOptions, type Stack, serviceCommand } from '../service.ts';
import { instructions } from './instructions.ts';

/** Where the templates are written, one for each hub. */
const FOLDER = join(import.meta.dirname, '../../.build/spoke');

export const spokeCommand = serviceCommand('spoke')
  .description(
    'Writes the CloudFormation template of the spokes of a deployed hub, and shows how to deploy it to an organization.',
  )
  .option(
    '--print',
    "print the template itself, as JSON, without the hub's values; needs neither credentials nor a Region",
  )
  .addHelpText(
    'after',
    '\nExit code: 0, or 2 for wrong use, for a stack that is no hub, and if the template cannot be written.',
  )
  .action(spoke);

async function spoke(options: ServiceOptions & { print?: boolean }): Promise<void> {
  if (options.print) {
    printJson(spokeTemplate());
    return;
  }
  const stack = await findStack(new CloudFormation(await awsSettings(options)), options.stage);
  const hub = hubValuesOf(stack);
  const file = join(FOLDER, `${stack.name}-${stack.accountId}-${stack.region}.json`);
  await mkdir(FOLDER, { recursive: true })
    .then(() => writeFile(file, `${JSON.stringify(spokeTemplate(hub), null, 2)}\n`))
    .catch(unwritable(file));
  print(instructions({ ...stack, stage: options.stage, file, hub }));
}

/** @throws NotifierError `NO_HUB` if the stack was deployed without an organization. */
function hubValuesOf({ name, findOutput }: Stack): HubValues {
  const hubBusArn = findOutput('HubBusArn');
  const organizationId = findOutput('OrganizationId');
  const watchGoneSecrets = findOutput('ReadsQueueUrl') !== undefined;
  if (hubBusArn && organizationId) return { hubBusArn, organizationId, watchGoneSecrets };
  const what = `Expected the stack ${name} to be a hub, which has the output HubBusArn, got one without.`;
  const next =
    'Deploy it again, with its other settings and --param="organizationId=ID", such as o-a1b2c3d4e5: aws organizations describe-organization shows it.';
  throw new NotifierError('NO_HUB', `${what} ${next}`);
}
