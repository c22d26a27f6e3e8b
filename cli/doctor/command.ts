import { awsSettings } from '../aws-settings.ts';
import { print, printJson } from '../print.ts';
import { withProgress } from '../progress.ts';
import { type ServiceOptions, serviceCommand } from '../service.ts';
import { createClients } from './context.ts';
import { diagnose } from './diagnose.ts';
import { isHealthy, reportJson, reportText } from './report.ts';
import { diagnoseSpoke } from './spoke/diagnose.ts';

interface Options extends ServiceOptions {
  spoke?: boolean;
  json?: boolean;
}

export const doctorCommand = serviceCommand('doctor')
  .description(
    'Checks whether an alert would arrive, and shows how to fix what is wrong. Read-only.',
  )
  .option(
    '--spoke',
    'check the spoke in the account and Region of these credentials instead, from within; --stage is that of its hub',
  )
  .option('--json', 'print one JSON object instead of the table')
  .addHelpText(
    'after',
    '\nExit code: 0 if all is ok or warn, 1 if a check fails or cannot run, 2 for wrong use or no credentials.',
  )
  .action(doctor);

async function doctor({ stage, spoke = false, json = false, ...options }: Options): Promise<void> {
  const aws = await awsSettings(options);
  const diagnosis = await (spoke ? diagnoseSpoke : diagnose)(
    createClients(aws),
    stage,
    new Date(),
    withProgress,
    aws.profile,
  );
  if (json) printJson(reportJson(diagnosis));
  else print(reportText(diagnosis));
  if (!isHealthy(diagnosis)) process.exitCode = 1;
}
