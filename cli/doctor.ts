import { expected } from './aws-errors.ts';
import { awsSettings } from './aws-settings.ts';
import { diagnose, isHealthy } from './doctor/diagnose.ts';
import { createClients } from './doctor/read/clients.ts';
import { reportJson, reportText } from './doctor/report.ts';
import { print, printJson } from './print.ts';
import { withProgress } from './progress.ts';
import { runCommand } from './run-command.ts';
import { type ServiceOptions, serviceCommand } from './service.ts';

interface Options extends ServiceOptions {
  json?: boolean;
}

const command = serviceCommand('doctor')
  .description('Looks whether an alert would arrive, and says what mends what is wrong. Read-only.')
  .option('--json', 'print one JSON object instead of the table')
  .addHelpText(
    'after',
    '\nExit code: 0 if all is ok or warn, 1 if a check fails or cannot be made, 2 for wrong use or no credentials.',
  )
  .action(doctor);

async function doctor({ stage, json = false, ...options }: Options): Promise<void> {
  const clients = createClients(await awsSettings(options));
  try {
    const diagnosis = await diagnose(clients, stage, new Date(), withProgress);
    if (json) printJson(reportJson(diagnosis));
    else print(reportText(diagnosis));
    if (!isHealthy(diagnosis)) process.exitCode = 1;
  } catch (error) {
    throw expected(error);
  }
}

await runCommand(command, process.argv);
