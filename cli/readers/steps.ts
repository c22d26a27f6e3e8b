import {
  deleteCommand,
  promoteCommand,
  readersCommand,
  removeReplicasCommand,
  restoreCommand,
  statusCommand,
  type Target,
} from '../../lib/notice/commands.ts';
import { identifier } from '../../lib/text.ts';
import { plural } from '../../lib/time.ts';
import { quoted } from '../run-command.ts';
import type { Asked } from './secrets.ts';
import type { Verdict } from './verdict.ts';

/** What to do, as half a sentence, and the command. */
export interface Step {
  readonly what: string;
  readonly command: string;
}

/** The end of a command that is for the same account; empty if the credentials are of no profile. */
export const byProfile = (profile: string | undefined) =>
  profile === undefined ? '' : ` --profile ${quoted(profile)}`;

/** What has to come before each step that a reader would suffer from. */
const ONCE: Partial<Record<Verdict['kind'], string>> = {
  'in-use': 'Once nothing reads it any more, ',
  failing: 'Once nothing tries to read it any more, ',
};

const begun = (once: string | undefined, what: string) =>
  once ? once + what : what.charAt(0).toUpperCase() + what.slice(1);

/** The exact commands, in their order. */
export function stepsOf(asked: Asked, kind: Verdict['kind'], windowDays: number): Step[] {
  const once = ONCE[kind];
  const withDays = `its deletion with ${plural(windowDays, 'day')}`;
  const command = deleteCommand(targetOf(asked), windowDays);
  const { replicas = [], replicaOf } = asked.secret;
  if (replicas.length === 0 && !replicaOf) {
    return [{ what: begun(once, `schedule ${withDays}`), command }];
  }
  const schedule = { what: `Then schedule ${withDays}`, command };
  if (replicaOf) return replicaSteps(asked, replicaOf, schedule, once);
  return [...primarySteps(asked, replicas, once), schedule];
}

/** A primary cannot be deleted before its replicas are: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html */
function primarySteps(
  asked: Asked,
  replicas: readonly string[],
  once: string | undefined = 'Then ',
): Step[] {
  const { name } = asked.secret;
  return [
    ...replicas.map((region) => ({
      what: `First see who reads its replica in ${identifier(region, 64)}`,
      command: readersCommand({ name, region }),
    })),
    {
      what: `${once}remove the replicas, which go at once and for good`,
      command: removeReplicasCommand(targetOf(asked), replicas),
    },
  ];
}

/**
 * DeleteSecret refuses a replica, in whatever Region: https://github.com/gruntwork-io/cloud-nuke/issues/435. What it can be made
 * into it does not: https://docs.aws.amazon.com/secretsmanager/latest/userguide/standalone-secret.html
 */
function replicaSteps(
  asked: Asked,
  replicaOf: string,
  schedule: Step,
  once: string | undefined,
): Step[] {
  const target = targetOf(asked);
  const { region = '' } = asked.id;
  return [
    {
      what: begun(once, 'make it a secret of its own, so that its deletion can be undone'),
      command: promoteCommand(target),
    },
    schedule,
    {
      what: `Or remove it, at once and for good, at its primary in ${identifier(replicaOf, 64)}`,
      command: removeReplicasCommand(
        { ...target, id: target.id?.replace(`:${region}:`, `:${replicaOf}:`), region: replicaOf },
        [region],
      ),
    },
  ];
}

/** What to do with one that is scheduled for deletion already. */
export function pendingSteps(asked: Asked): Step[] {
  const { region } = asked.id;
  return [
    {
      what: 'Who still tries to read it, and until when it can be saved, shows the stack',
      command: statusCommand({ region }),
    },
    { what: 'Still needed? Restore it', command: restoreCommand(targetOf(asked)) },
  ];
}

const targetOf = ({ secret: { arn, name }, id: { region, partition } }: Asked): Target => ({
  id: arn,
  name,
  region,
  partition,
});
