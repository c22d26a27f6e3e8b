import { formatUtc } from '../../../lib/time.ts';
import { ALARM } from '../../../stack/alarm.ts';
import { DEAD_LETTER_QUEUE } from '../../../stack/dead-letter-queue.ts';
import { FUNCTIONS } from '../../../stack/names.ts';
import { TABLE } from '../../../stack/table.ts';
import { aws, deploy, redeploy } from '../remedy.ts';
import type { Stack } from '../stack.ts';
import { type Finding, fail, ok, warn } from '../verdict.ts';

/** What no stack of this version is without. The metric filter is found by the alarm's metric instead. */
const PARTS = [
  ...FUNCTIONS.flatMap((names) => [names.function, names.role, names.rule, names.permission]),
  DEAD_LETTER_QUEUE,
  TABLE,
  ALARM,
];

const COMPLETE = /^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$/;

/** Whether the stack is there and complete. */
export function judgeStack(
  stack: Stack | undefined,
  wanted: Pick<Stack, 'name' | 'region' | 'stage'>,
): Finding {
  if (!stack) {
    return fail(`There is no stack ${wanted.name} in ${wanted.region}.`, deploy(wanted));
  }
  return judgeStatus(stack) ?? judgeParts(stack) ?? judgeDrift(stack) ?? complete(stack);
}

const complete = ({ status, resources }: Stack) => ok(`${status}, ${resources.size} resources`);

const events = (stack: Stack) =>
  aws(stack, 'cloudformation', 'describe-stack-events', '--stack-name', stack.name);

/** Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes */
function judgeStatus(stack: Stack): Finding | undefined {
  const { status, statusReason } = stack;
  const why = statusReason ? ` (${statusReason})` : '';
  if (/ROLLBACK_COMPLETE$/.test(status) && COMPLETE.test(status)) {
    return warn(
      `${status}: the last deployment failed, the one before it runs${why}.`,
      events(stack),
    );
  }
  if (/^UPDATE_.*IN_PROGRESS$/.test(status)) {
    return warn(`${status}: it is being changed; ask again when that is over.`, events(stack));
  }
  if (COMPLETE.test(status)) return undefined;
  // What failed to be made can only be deleted.
  return fail(`${status}${why}.`, status === 'ROLLBACK_COMPLETE' ? redeploy(stack) : events(stack));
}

function judgeParts(stack: Stack): Finding | undefined {
  const missing = PARTS.filter((part) => !stack.resources.get(part)?.physicalId);
  if (missing.length > 0) return fail(`It lacks ${missing.join(', ')}.`, deploy(stack));
  const broken = Array.from(stack.resources).filter(([, { status }]) => !COMPLETE.test(status));
  if (broken.length === 0) return undefined;
  const list = broken.map(([logicalId, { status }]) => `${logicalId} is ${status}`).join(', ');
  return fail(`${list}.`, events(stack));
}

/** As CloudFormation saw it when it was last asked, which takes minutes; the other checks look for themselves. */
function judgeDrift(stack: Stack): Finding | undefined {
  if (!stack.driftedAt) return undefined;
  return warn(
    `At its last drift detection, ${formatUtc(stack.driftedAt)}, something had been changed by hand.`,
    aws(
      stack,
      ...['cloudformation', 'describe-stack-resource-drifts', '--stack-name', stack.name],
      ...['--stack-resource-drift-status-filters', 'MODIFIED', 'DELETED'],
    ),
  );
}
