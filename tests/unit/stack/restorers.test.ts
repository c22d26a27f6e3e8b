import { checkSettings } from '../../../stack/check-settings.ts';
import { stack } from '../../../stack/stack.ts';
import { COMPLETE, DEPLOYMENT, SLACK } from './complete-settings.ts';

/** What SECURITY.md says of who may restore, in the stack's own account: the resources whose policies allow it. */
test.each<[string, Record<string, string>, string[]]>([
  ['by default', {}, []],
  ['with tagged', { autoCancelDeletion: 'tagged' }, ['NotifyRole']],
  ['with all', { autoCancelDeletion: 'all' }, ['NotifyRole']],
  ['with a chat', SLACK, ['ChannelGuardrail']],
  ['with a chat without buttons', { ...SLACK, chatButtons: 'false' }, []],
  ['of a hub', { organizationId: 'o-a1b2c3d4e5' }, []],
])('who may restore secrets %s', (_when, settings, expected) => {
  const checked = checkSettings({ ...COMPLETE, ...settings }, DEPLOYMENT);
  const { Resources } = stack(checked, 'dev').template;
  const restorers = Object.entries(Resources).filter(([, resource]) =>
    JSON.stringify(resource).includes('secretsmanager:RestoreSecret'),
  );
  expect(restorers.map(([id]) => id)).toEqual(expected);
});
