import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type ScalarTag } from 'yaml';
import { takes } from '../../../cli/doctor/filter-policy.ts';
import { whyNoReads } from '../../../cli/doctor/selectors.ts';
import { checkSettings, type RawSettings, withoutEffect } from '../../../stack/check-settings.ts';
import { SETTINGS } from '../../../stack/settings.ts';
import { stack } from '../../../stack/stack.ts';
import { DEPLOYMENT } from '../stack/complete-settings.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
const textOf = (file: string) => readFileSync(join(EXAMPLES, file), 'utf8');

/** `!Ref` of a template is the default of that parameter, or else its name. */
function template(file: string) {
  const customTags = (parameters: Record<string, { Default?: string; Type: string }>) =>
    ['!Ref', '!GetAtt', '!Sub'].map((tag): ScalarTag => {
      const resolve = (name: string) => {
        const { Default, Type } = parameters[name] ?? {};
        return Type === 'CommaDelimitedList' ? Default?.split(',') : (Default ?? name);
      };
      return { tag, resolve: tag === '!Ref' ? resolve : (text) => text };
    });
  const { Parameters } = parse(textOf(file), { customTags: customTags({}) });
  return parse(textOf(file), { customTags: customTags(Parameters) });
}

const { params } = parse(textOf('settings.yml')) as { params: Record<string, RawSettings> };

test.each(Object.keys(params))(
  'the settings of the example %s are taken, and each of them changes something',
  (stage) => {
    const raw = params[stage] ?? {};
    const settings = checkSettings(raw, { ...DEPLOYMENT, stage });
    expect(withoutEffect(raw, settings)).toBeUndefined();
    expect(Object.entries(raw).filter(([name, value]) => isDefault(name, String(value)))).toEqual(
      [],
    );
    expect(stack(settings, stage).template.Resources).toHaveProperty('NotifyRule');
  },
);

const isDefault = (name: string, value: string) =>
  SETTINGS[name as keyof typeof SETTINGS].default === value;

test("the example's trail logs reads of the whole organization to the log group that the settings beside it name", () => {
  const { Parameters, Resources, Outputs } = template('organization-trail.yml');
  const { EventSelectors, ...trail } = Resources.Trail.Properties;
  expect(whyNoReads({ EventSelectors })).toBeUndefined();
  expect(trail).toMatchObject({ IsOrganizationTrail: true, IsMultiRegionTrail: true });
  expect(Parameters.LogGroupName.Default).toBe(params.organization?.cloudTrailLogGroup);
  expect(Outputs.CloudTrailLogGroup.Value).toBe('LogGroup');
  const accepted = new RegExp(`^(?:${Parameters.OrganizationId.AllowedPattern})$`);
  expect(params.organization?.organizationId).toMatch(accepted);
});

const MESSAGES = {
  'an alert of the team, 7 days left': {
    owner: 'payments',
    account: '555566667777',
    severity: 'warning',
    action: 'none',
  },
  'a last call of another team, 2 days left': {
    owner: 'search',
    account: '555566667777',
    severity: 'critical',
    action: 'last-call',
  },
  'a secret that is gone, whose owner is not known': {
    owner: '*',
    account: '555566667777',
    severity: 'critical',
    action: 'gone',
  },
  'an alert of an account of the department': {
    account: '111122223333',
    severity: 'notice',
    action: 'none',
  },
  'a drill there': { account: '111122223333', severity: 'critical', action: 'drill' },
  'a name that is taken': { account: '555566667777', severity: 'critical', action: 'clash' },
  'an alarm of the service': {},
} as const;

test('which subscription of the example gets what', () => {
  const { Resources } = template('filter-policies.yml');
  const subscriptions = Object.entries<{ Properties: { FilterPolicy: object } }>(Resources);
  const received = Object.entries(MESSAGES).map(([what, attributes]) => [
    what,
    subscriptions
      .map(([subscriptionArn, { Properties }]) => ({
        subscriptionArn,
        policy: { ...Properties.FilterPolicy },
        isOnBody: false,
      }))
      .filter((filter) => takes(filter, { attributes }))
      .map(({ subscriptionArn }) => subscriptionArn)
      .join(', '),
  ]);
  expect(Object.fromEntries(received)).toMatchInlineSnapshot(`
{
  "a drill there": "OfAccounts",
  "a last call of another team, 2 days left": "Urgent",
  "a name that is taken": "",
  "a secret that is gone, whose owner is not known": "OfOwner, Urgent",
  "an alarm of the service": "",
  "an alert of an account of the department": "OfAccounts",
  "an alert of the team, 7 days left": "OfOwner",
}
`);
});

test('the list of the examples names each file and folder of examples/', () => {
  const list = textOf('README.md');
  const names = readdirSync(EXAMPLES, { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .filter((name) => name !== 'README.md');
  expect(names.filter((name) => !list.includes(`[${name}]`))).toEqual([]);
});
