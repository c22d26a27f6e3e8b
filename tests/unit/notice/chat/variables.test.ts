import fc from 'fast-check';
import { buttonsFunction, buttonVariables } from '../../../../lib/notice/chat/variables.ts';
import type { IncidentNotice } from '../../../../lib/notice/incident-notice.ts';
import { BUTTONS, stackNameOf } from '../../../../stack/names.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf';
const STACK = { stage: 'prod', region: 'eu-central-1', accountId: '111122223333' };
const PENDING: IncidentNotice['state'] = {
  state: 'pending',
  schedule: { kind: 'exact', date: new Date('2026-12-01T00:00:00Z') },
};

const noticeOf = (id: string | undefined, state: IncidentNotice['state'] = PENDING) => ({
  kind: 'opened' as IncidentNotice['kind'],
  secret: { id, partition: 'aws' } as IncidentNotice['secret'],
  state,
});

test('a pending secret of the own account can be restored and muted', () => {
  expect(buttonVariables(noticeOf(ARN), STACK)).toEqual({
    secret: ARN,
    region: 'eu-west-1',
    buttons: 'deleted-secret-notifier-prod-buttons',
    home: 'eu-central-1',
    canMute: 'yes',
    canRestore: 'yes',
  });
});

test('when its time is up it can be restored perhaps, but not muted', () => {
  const variables = buttonVariables({ ...noticeOf(ARN), kind: 'over' }, STACK);
  expect(variables).toMatchObject({ secret: ARN, canRestore: 'yes' });
  expect(variables).not.toHaveProperty('canMute');
});

test('the chat has no role in another account, nor in one that nobody knows', () => {
  for (const accountId of ['444455556666', undefined]) {
    const variables = buttonVariables(noticeOf(ARN), { ...STACK, accountId });
    expect(variables).toMatchObject({ secret: ARN, canMute: 'yes' });
    expect(variables).not.toHaveProperty('canRestore');
  }
});

test('one that is gone can be muted alone', () => {
  const variables = buttonVariables(noticeOf(ARN, { state: 'gone' }), STACK);
  expect(variables).toMatchObject({ secret: ARN, canMute: 'yes' });
  expect(variables).not.toHaveProperty('canRestore');
});

test.each<IncidentNotice['state']>([{ state: 'restored' }, { state: 'not-looked-up' }])(
  'of a secret that is %o only the status can be shown',
  (state) => {
    expect(Object.keys(buttonVariables(noticeOf(ARN, state), STACK))).toEqual([
      'secret',
      'region',
      'buttons',
      'home',
    ]);
  },
);

test('a stack that does not know its stage or its Region names no function', () => {
  for (const unknown of [{ stage: undefined }, { region: undefined }, { stage: 'a b' }]) {
    const variables = buttonVariables(noticeOf(ARN), { ...STACK, ...unknown });
    expect(variables).not.toHaveProperty('buttons');
    expect(variables).not.toHaveProperty('home');
  }
});

test.each([
  undefined,
  'prod/db',
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db',
  'arn:aws:secretsmanager::111122223333:secret:prod/db-AbCdEf',
  `${ARN} --force-delete`,
  `${ARN}\n`,
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:a"b-AbCdEf',
  "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a'b-AbCdEf",
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:$(id)-AbCdEf',
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:<!here>-AbCdEf',
])('what is no complete ARN of AWS has no buttons: %j', (id) => {
  expect(buttonVariables(noticeOf(id), STACK)).toEqual({});
});

test('whatever a record holds, a variable is one plain word', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...`aZ0/+=.@!-_"'$<>&|;{}()\\ \n\u202e`) }),
      (name) => {
        const id = `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}-AbCdEf`;
        for (const value of Object.values(buttonVariables(noticeOf(id), STACK))) {
          expect(value).toMatch(/^[\w/+=.@!:-]{1,600}$/);
        }
      },
    ),
  );
});

test('the function is named as the stack names it', () => {
  expect(buttonsFunction('prod')).toBe(`${stackNameOf('prod')}-${BUTTONS.key}`);
});
