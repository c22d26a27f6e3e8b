import type { Template } from './template.ts';

/** What of a custom notification its custom actions read. */
export interface CustomNotification {
  readonly version: string;
  readonly source: string;
  readonly metadata?: {
    readonly enableCustomActions?: boolean;
    readonly additionalContext?: object;
  };
}

interface Attachment {
  readonly NotificationType: string;
  readonly ButtonText: string;
  readonly Criteria: readonly {
    readonly Operator: 'HAS_VALUE' | 'EQUALS';
    readonly VariableName: string;
    readonly Value?: string;
  }[];
  readonly Variables: Readonly<Record<string, string>>;
}

/**
 * Plays Amazon Q Developer: the commands that the buttons of a message run, by the text on them. A variable is read from the
 * message, named as `event`; a button is shown if all its criteria hold; a `$` and a variable's name stand for its value.
 * https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CustomActionAttachment.html
 */
export function buttonsOf(
  message: CustomNotification,
  resources: Template['Resources'],
): Record<string, string> {
  const commands: Record<string, string> = {};
  if (!message.metadata?.enableCustomActions) return commands;
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type !== 'AWS::Chatbot::CustomAction') continue;
    const { CommandText }: { CommandText: string } = Properties.Definition;
    for (const attachment of Properties.Attachments as Attachment[]) {
      const values = valuesOf(attachment, message);
      if (!isShown(attachment, values)) continue;
      commands[attachment.ButtonText] = CommandText.replace(
        /\$([\w-]+)/g,
        (text, name) => values.get(name) ?? text,
      );
    }
  }
  return commands;
}

function valuesOf({ Variables }: Attachment, message: CustomNotification): Map<string, string> {
  const found = Object.entries(Variables).flatMap(([name, path]) => {
    let value: unknown = { event: message };
    for (const key of path.split('.')) {
      value = (value as Record<string, unknown> | undefined)?.[key];
    }
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return new Map(found);
}

const isShown = ({ NotificationType, Criteria }: Attachment, values: Map<string, string>) =>
  NotificationType === 'Custom' &&
  Criteria.every(({ Operator, VariableName, Value }) => {
    const value = values.get(VariableName);
    return Operator === 'EQUALS' ? value === Value : Boolean(value);
  });

/** The options of a command of which no value holds a space. */
export function optionsIn(command: string): Record<string, string> {
  const [, ...options] = command.split(' --');
  return Object.fromEntries(
    options.map((option) => {
      const at = option.indexOf(' ');
      return [option.slice(0, at), option.slice(at + 1)];
    }),
  );
}
