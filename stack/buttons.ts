import { type ButtonVariables, MUTE_DAYS, YES } from '../lib/notice/chat/variables.ts';
import {
  allow,
  attribute,
  type Resource,
  type Resources,
  ref,
  type Statement,
  sub,
  type Value,
} from './cloudformation.ts';
import { BUTTONS } from './names.ts';
import { hasButtons, type Settings } from './settings.ts';

/** A button; its variables are those of a message under names of its own, which its command has after a `$`. */
interface Button {
  readonly text: string;
  /** At most 100 characters: CloudFormation takes 5000, the API that it calls does not. */
  readonly command: string;
  readonly variables: Readonly<Record<string, keyof ButtonVariables>>;
  /** The variable that is `yes` where the button is shown. */
  readonly shownIf?: 'canRestore' | 'canMute';
}

const CALL = { name: 'buttons', secret: 'secret', home: 'home' } as const;
const call = (action: 'mute' | 'status') =>
  `lambda invoke --function-name $name --payload {"action":"${action}","secret":"$secret"} --region $home`;

const ALL: Readonly<Record<'restore' | 'mute' | 'status', Button>> = {
  restore: {
    text: 'Restore',
    command: 'secretsmanager restore-secret --secret-id $secret --region $region',
    variables: { secret: 'secret', region: 'region' },
    shownIf: 'canRestore',
  },
  mute: {
    text: `Mute for ${MUTE_DAYS} days`,
    command: call('mute'),
    variables: CALL,
    shownIf: 'canMute',
  },
  status: { text: 'Show status', command: call('status'), variables: CALL },
};

/** The buttons of the chat's messages; none without them. */
export function buttons(settings: Settings, stage: string): Resources {
  if (!hasButtons(settings)) return {};
  return Object.fromEntries(
    Object.entries(ALL).map(([name, button]) => [idOf(name), customAction(name, button, stage)]),
  );
}

/** Their ARNs, for the channel's configuration, which shows no others. */
export const buttonArns = (settings: Settings): Value[] =>
  hasButtons(settings) ? Object.keys(ALL).map((name) => ref(idOf(name))) : [];

const idOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}Button`;

/** https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateCustomAction.html */
function customAction(
  name: string,
  { text, command, variables, shownIf }: Button,
  stage: string,
): Resource {
  const shown = shownIf ? { [shownIf]: shownIf } : {};
  const mapped = Object.entries({ ...variables, ...shown });
  return {
    Type: 'AWS::Chatbot::CustomAction',
    Properties: {
      // Of all stages and Regions of an account; in at most 64 characters.
      ActionName: sub(`deleted-secret-${stage}-${name}-\${AWS::Region}`),
      Definition: { CommandText: command },
      Attachments: [
        {
          // As in what others run: docs/testing.md, "The chat".
          NotificationType: 'Custom',
          ButtonText: text,
          Criteria: [
            ...Object.keys(variables).map((VariableName) => ({
              VariableName,
              Operator: 'HAS_VALUE',
            })),
            ...Object.keys(shown).map((VariableName) => ({
              VariableName,
              Operator: 'EQUALS',
              Value: YES,
            })),
          ],
          Variables: Object.fromEntries(
            mapped.map(([variable, key]) => [variable, `event.metadata.additionalContext.${key}`]),
          ),
        },
      ],
    },
  };
}

/** What the channel's role may do, and its guardrail lets it: what the buttons do, and nothing else. */
export function allowButtons(settings: Settings): Statement[] {
  if (!hasButtons(settings)) return [];
  return [
    allow('RestoreSecrets', 'secretsmanager:RestoreSecret', restorable(settings)),
    allow('CallButtons', 'lambda:InvokeFunction', attribute(BUTTONS.function, 'Arn')),
  ];
}

/** The secrets of this account in each Region that the stack hears of: without the trail and without spokes it is its own. */
function restorable({ trailPath, organizationId }: Settings): Value {
  const region = trailPath === 'off' && !organizationId ? '${AWS::Region}' : '*';
  return sub(`arn:\${AWS::Partition}:secretsmanager:${region}:\${AWS::AccountId}:secret:*`);
}

/** What the function of the buttons does to the table, besides DescribeSecret and, of a hub, looking into the spokes. */
export const BUTTONS_TABLE_ACTIONS = ['Query', 'UpdateItem'] as const;
