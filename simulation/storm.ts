import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { interruption } from '../cli/interruption.ts';
import { print, printJson, printNote } from '../cli/print.ts';
import { withProgress } from '../cli/progress.ts';
import { runCommand } from '../cli/run-command.ts';
import { CHAT_TOPIC_ARN } from '../emulators/messaging.ts';
import { BUILD, packageService } from '../emulators/serverless.ts';
import { MAX_REGIONS } from './places.ts';
import { renderReport } from './report.ts';
import { runStorm, type StormOptions } from './run.ts';

const DIRECTORY = join(BUILD, 'storm');

const command = new Command('storm')
  .description(
    'Lets a storm of attempts come over the packaged service, in simulated time, with all that can go wrong.',
  )
  .option('--attempts <number>', 'attempts, all distinct', wholeNumber, 10_000)
  .option('--secrets <number>', 'secrets that are scheduled for deletion', wholeNumber, 50)
  .option('--callers <number>', 'callers of each secret', wholeNumber, 20)
  .option('--accounts <number>', 'accounts over which they are spread', wholeNumber, 1)
  .option('--regions <number>', `Regions of each, ${MAX_REGIONS} at most`, regions, 1)
  .option('--gone <number>', 'how many of the secrets are gone, and are read still', count, 5)
  .option('--probes <number>', "reads of names that never were a secret's", count, 1000)
  .option('--clashes <number>', 'tools that find the name of a secret taken', count, 10)
  .option('--minutes <number>', 'for how long it lasts', wholeNumber, 240)
  .option('--duplicates <rate>', 'share of attempts that are delivered twice', rate, 0.05)
  .option(
    '--losses <rate>',
    'share of attempts that EventBridge loses, so that only the trail brings them',
    rate,
    0.01,
  )
  .option('--failures <rate>', 'share of calls to AWS that fail', rate, 0.02)
  .option('--crashes <rate>', 'share of runs of functions that are killed', rate, 0.01)
  .option('--channels', 'a chat and an event bus beside the mail')
  .addOption(
    new Option('--down <channel>', 'what takes nothing for a time; with these channels').choices([
      'mail',
      'chat',
      'bus',
    ]),
  )
  .option('--down-hours <number>', 'for how long', wholeNumber, 8)
  .option('--seed <number>', 'the same seed makes the same attempts', wholeNumber, 1)
  .option('--json', 'print one JSON object instead of a table')
  .addHelpText(
    'after',
    '\nWhat the numbers are: docs/testing.md. Exit code: 0, or 1 if a promise is broken, or 2 for wrong use.',
  )
  .action(storm);

type Options = StormOptions & { readonly json?: boolean; readonly channels?: boolean };

async function storm({ json, channels, ...options }: Options): Promise<void> {
  const isHub = options.accounts > 1 || options.regions > 1;
  const settings = {
    alertEmails: 'oncall@example.com',
    cloudTrailLogGroup: 'CloudTrail/Storm',
    ...((channels || options.down) && { chatTopicArn: CHAT_TOPIC_ARN, eventBusName: 'storm' }),
    ...(isHub && { organizationId: 'o-a1b2c3d4e5' }),
  };
  const packageDirectory = DIRECTORY;
  const signal = interruption();
  try {
    await packageService(packageDirectory, settings, signal);
    // By EventBridge, and by the trail.
    const deliveries = Math.round(options.attempts * (2 + options.duplicates));
    const report = await withProgress('Storm', deliveries, (onProgress) =>
      runStorm({ ...options, packageDirectory, signal, onProgress }),
    );
    if (json) printJson(report);
    else print(renderReport(report));
    if (report.broken.length > 0) process.exitCode = 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    printNote('Interrupted. Nothing is left running.');
  }
}

function wholeNumber(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

function count(value: string): number {
  return value === '0' ? 0 : wholeNumber(value);
}

function regions(value: string): number {
  const number = wholeNumber(value);
  if (number <= MAX_REGIONS) return number;
  throw new InvalidArgumentError(`Expected at most ${MAX_REGIONS}.`);
}

function rate(value: string): number {
  const number = /%$/.test(value) ? Number(value.slice(0, -1)) / 100 : Number(value);
  if (value.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('Expected a share from 0 to 1, such as 0.05, or 5%.');
}

await runCommand(command, process.argv);
