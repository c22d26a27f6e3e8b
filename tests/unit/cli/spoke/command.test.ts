import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { spokeTemplate } from '../../../../stack/spoke.ts';
import { OPERATOR, runCli } from '../../../testing/cli.ts';
import { startControlPlane } from '../../../testing/control-plane.ts';
import { HUB_BUS_ARN, ORGANIZATION_ID } from '../../../testing/spoke.ts';

const FOLDER = join(import.meta.dirname, '../../../../.build/spoke');

/** Runs the command where the stack of the stage dev has these outputs. */
async function run(outputs: Readonly<Record<string, string>>, ...args: string[]) {
  const { endpoints, stop } = await startControlPlane([], { outputs });
  try {
    return await runCli('spoke', args, { ...OPERATOR, ...endpoints });
  } finally {
    await stop();
  }
}

const HUB_OUTPUTS = { HubBusArn: HUB_BUS_ARN, OrganizationId: ORGANIZATION_ID };
const READS_QUEUE = { ReadsQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/reads' };

test.each([
  [true, { ...HUB_OUTPUTS, ...READS_QUEUE }],
  [false, HUB_OUTPUTS],
])(
  "the template is written with the deployed hub's values as defaults: of reads %s",
  async (watchGoneSecrets, outputs) => {
    const hub = { hubBusArn: HUB_BUS_ARN, organizationId: ORGANIZATION_ID, watchGoneSecrets };
    const { code, stdout, stderr } = await run(outputs);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [, file = ''] = /^Written: (.+)$/m.exec(stdout) ?? [];
    expect(file).toMatch(
      /^\/.+\/\.build\/spoke\/deleted-secret-notifier-dev-111122223333-eu-west-1\.json$/,
    );
    const written = JSON.parse(await readFile(file, 'utf8'));
    await rm(file);
    expect(written).toEqual(JSON.parse(JSON.stringify(spokeTemplate(hub))));
    expect(written.Parameters).toMatchObject({
      HubBusArn: { Default: hub.hubBusArn },
      OrganizationId: { Default: hub.organizationId },
      RestoreMode: { Default: 'off' },
      WatchGoneSecrets: { Default: String(watchGoneSecrets) },
    });
    expect(stdout).toContain(`--template-body file://${file} `);
  },
);

test('a template that cannot be written is a fault, not a defect', async () => {
  const file = join(FOLDER, 'deleted-secret-notifier-dev-111122223333-eu-west-1.json');
  await mkdir(file, { recursive: true });
  const { code, stdout, stderr } = await run(HUB_OUTPUTS);
  await rm(file, { recursive: true });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: \S+\.json: expected a file to write \(EISDIR[^\n]+\)\.\n$/);
});

test('a stack that is no hub is refused, with what makes it one', async () => {
  expect(await run({ TableName: 'table' })).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: Expected the stack deleted-secret-notifier-dev to be a hub, which has the output HubBusArn, got one without. Deploy it again, with its other settings and --param="organizationId=ID", such as o-a1b2c3d4e5: aws organizations describe-organization shows it.\n',
  });
});

test('a stage without a stack is refused', async () => {
  const { code, stderr } = await run({}, '--stage', 'prod');
  expect(code).toBe(2);
  expect(stderr).toContain('Expected a stack deleted-secret-notifier-prod in eu-west-1, got none.');
});

test('without --print a Region is needed', async () => {
  const { code, stderr } = await runCli('spoke', [], {});
  expect(code).toBe(2);
  expect(stderr).toContain('Expected a Region, got none');
});
