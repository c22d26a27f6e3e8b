import fc from 'fast-check';
import { buttonsOf, optionsIn } from '../../../emulators/custom-actions.ts';
import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { press } from '../../../lib/incident/buttons.ts';
import { renderChat } from '../../../lib/notice/chat/render.ts';
import type { AlertInput } from '../../../lib/notice/notice.ts';
import { addDays } from '../../../lib/time.ts';
import { allowButtons, buttonArns, buttons } from '../../../stack/buttons.ts';
import { checkSettings } from '../../../stack/check-settings.ts';
import { BUTTONS, stackNameOf } from '../../../stack/names.ts';
import { attempt, NOW, SECRET_ARN } from '../../testing/attempts.ts';
import { buttonPorts } from '../../testing/buttons.ts';
import { opened, STACK } from '../../testing/chat.ts';
import { COMPLETE, DEPLOYMENT, SLACK } from './complete-settings.ts';

const settingsOf = (given: Record<string, string> = SLACK) =>
  checkSettings({ ...COMPLETE, ...given }, DEPLOYMENT);
const PENDING: AlertInput['state'] = {
  state: 'pending',
  schedule: { kind: 'exact', date: addDays(NOW, 7) },
};

/** What the buttons of the message about a secret run. */
function commandsOf(id: string, state: AlertInput['state'] = PENDING) {
  const secret = identifySecret(id, STACK);
  const lookup = { kind: 'unavailable', reason: 'Nobody asked.' } as const;
  const message = renderChat(opened({ attempt: attempt({ secret }), state }, lookup), {
    stack: STACK,
    chatButtons: true,
    now: NOW,
  });
  // As it is sent: JSON.
  return buttonsOf(JSON.parse(JSON.stringify(message)), buttons(settingsOf(), 'prod'));
}

const payloadOf = (command = '') => JSON.parse(optionsIn(command).payload ?? '');

test('a button runs exactly this', () => {
  expect(commandsOf(SECRET_ARN.replace('eu-west-1', 'us-east-1'))).toEqual({
    Restore:
      'secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db/password-AbC123 --region us-east-1',
    'Mute for 7 days':
      'lambda invoke --function-name deleted-secret-notifier-prod-buttons --payload {"action":"mute","secret":"arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db/password-AbC123"} --region eu-west-1',
    'Show status':
      'lambda invoke --function-name deleted-secret-notifier-prod-buttons --payload {"action":"status","secret":"arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db/password-AbC123"} --region eu-west-1',
  });
});

test('and calls the function of the stack with what it takes', async () => {
  const commands = commandsOf(SECRET_ARN);
  const { ports, mutes } = buttonPorts();
  expect(optionsIn(commands['Mute for 7 days'] ?? '')['function-name']).toBe(
    `${stackNameOf('prod')}-${BUTTONS.key}`,
  );
  expect(await press(payloadOf(commands['Show status']), ports)).toMatch(/^`prod\/db\/password`\n/);
  expect(mutes()).toEqual([]);
  expect(await press(payloadOf(commands['Mute for 7 days']), ports)).toMatch(/^Muted: /);
  expect(mutes()).toEqual([expect.objectContaining({ by: 'Slack channel C012ABCDEFG' })]);
});

test.each([
  ['of another account', SECRET_ARN.replace('111122223333', '444455556666'), PENDING, 2],
  ['that is restored', SECRET_ARN, { state: 'restored' }, 1],
  ['that is gone', SECRET_ARN, { state: 'gone' }, 2],
  ['that nothing names completely', 'prod/db/password', PENDING, 0],
] as const)('a secret %s is not restored by a button', (_, id, state, count) => {
  const commands = commandsOf(id, state);
  expect(commands).not.toHaveProperty('Restore');
  expect(Object.keys(commands)).toHaveLength(count);
});

test('whatever a secret is called, a command has the options that it is to have, or there is no button', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom(...'aZ0/+=.@!-_"\'$<>&|;{}()\\ \n\u202e', '$region', '$secret', '--'),
      maxLength: 12,
    }),
    fc.string({ unit: fc.constantFrom(...'aZ0/+=.@!-_'), minLength: 1, maxLength: 500 }),
  );
  let shown = 0;
  fc.assert(
    fc.property(hostile, (name) => {
      const id = `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}-AbC123`;
      const { Restore = '', 'Mute for 7 days': mute } = commandsOf(id);
      if (!mute) {
        expect(Restore).toBe('');
        return;
      }
      shown++;
      expect(optionsIn(Restore)).toEqual({ 'secret-id': id, region: 'eu-west-1' });
      expect(payloadOf(mute)).toEqual({ action: 'mute', secret: id });
      expect(identifySecret(payloadOf(mute).secret, {}).name).toBe(name);
    }),
  );
  expect(shown).toBeGreaterThan(20);
});

test("the resources stay within the API's limits", () => {
  const longest = 'x'.repeat(25); // so that deleted-secret-notifier-STAGE-track-deletion is a function's name
  const resources = buttons(settingsOf(), longest);
  expect(Object.keys(resources)).toEqual(['RestoreButton', 'MuteButton', 'StatusButton']);
  for (const { Properties } of Object.values(resources)) {
    const { ActionName, Definition, Attachments } = Properties as {
      ActionName: { 'Fn::Sub': string };
      Definition: { CommandText: string };
      Attachments: { Criteria: []; Variables: object; ButtonText: string }[];
    };
    expect(ActionName['Fn::Sub'].replace('${AWS::Region}', 'ap-southeast-1')).toMatch(
      /^[\w-]{1,64}$/,
    );
    expect(Definition.CommandText.length).toBeLessThanOrEqual(100);
    for (const { Criteria, Variables, ButtonText } of Attachments) {
      expect(Criteria.length).toBeLessThanOrEqual(5);
      expect(Object.keys(Variables).length).toBeLessThanOrEqual(5);
      expect(ButtonText.length).toBeLessThanOrEqual(50);
    }
  }
});

test.each([
  ['without a chat', {}],
  [
    'of a topic that others have connected',
    { chatTopicArn: 'arn:aws:sns:us-east-1:111122223333:chat' },
  ],
  ['that wants none', { ...SLACK, chatButtons: 'false' }],
])('a stack %s has no buttons, and allows nothing', (_, given) => {
  const settings = settingsOf(given);
  expect([buttons(settings, 'dev'), buttonArns(settings), allowButtons(settings)]).toEqual([
    {},
    [],
    [],
  ]);
});

test.each([
  [{ trailPath: 'off' }, '${AWS::Region}'],
  [{ trailPath: 'all' }, '*'],
])('secrets can be restored where the stack hears of them: %o', (given, region) => {
  const [restore, ...others] = allowButtons(settingsOf({ ...SLACK, ...given }));
  expect(restore).toMatchObject({
    Action: 'secretsmanager:RestoreSecret',
    Resource: {
      'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:${region}:\${AWS::AccountId}:secret:*`,
    },
  });
  expect(others).toEqual([
    {
      Sid: 'CallButtons',
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: { 'Fn::GetAtt': ['ButtonsLambdaFunction', 'Arn'] },
    },
  ]);
});
