import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse, type ScalarTag } from 'yaml';
import { type EventPattern, matches } from '../../../emulators/event-bridge.ts';
import { DRILL_PREFIX } from '../../../lib/drill.ts';
import type { IncidentNotice } from '../../../lib/notice/incident-notice.ts';
import { ATTEMPT_RULE, CHANGE_RULE } from '../../../stack/functions.ts';
import { eventPattern } from '../../../stack/rule.ts';
import { envelopeOf } from '../../testing/events.ts';
import { hostileNotices } from '../../testing/hostile-notices.ts';
import { KINDS, NOTICES } from '../../testing/incident-notices.ts';

interface Transformer {
  readonly InputPathsMap: Readonly<Record<string, string>>;
  readonly InputTemplate: string;
}
interface Rule {
  readonly EventPattern: EventPattern;
  readonly Targets: readonly { readonly InputTransformer?: Transformer }[];
}

const PARAMETERS: Readonly<Record<string, string>> = { ProjectKey: 'OPS', IssueType: 'Task' };
/** The functions of CloudFormation; the values of parameters that a template's texts name. */
const customTags: ScalarTag[] = ['!Ref', '!GetAtt', '!Sub'].map((tag) => ({
  tag,
  resolve: (text) => text.replace(/\$\{(\w+)\}/g, (whole, name) => PARAMETERS[name] ?? whole),
}));

/** A rule of examples/events/. */
function rule(file: string, id: string): Rule {
  const path = join(import.meta.dirname, '../../../examples/events', file);
  return parse(readFileSync(path, 'utf8'), { customTags }).Resources[id].Properties;
}

const RULES = {
  'PagerDuty, trigger': rule('pagerduty.yml', 'TriggerRule'),
  'PagerDuty, resolve': rule('pagerduty.yml', 'ResolveRule'),
  Jira: rule('jira.yml', 'OpenedRule'),
  'Security Lake': rule('security-lake.yml', 'Rule'),
};
const names = Object.keys(RULES) as (keyof typeof RULES)[];
const isHeard = ({ EventPattern }: Rule, notice: IncidentNotice) =>
  matches(EventPattern, envelopeOf(notice));

test('which rules hear a notice of which kind', () => {
  const heard = KINDS.map((kind) => [
    `${kind}, ${NOTICES[kind].severity}`,
    names.filter((name) => isHeard(RULES[name], NOTICES[kind])).join('; '),
  ]);
  expect(Object.fromEntries(heard)).toMatchInlineSnapshot(`
{
  "announced, notice": "",
  "caller, warning": "PagerDuty, trigger; Security Lake",
  "clash, warning": "",
  "digest, warning": "Security Lake",
  "gone, critical": "PagerDuty, trigger; Security Lake",
  "last-call, warning": "PagerDuty, trigger; Security Lake",
  "opened, warning": "PagerDuty, trigger; Jira; Security Lake",
  "over, critical": "PagerDuty, trigger; Security Lake",
  "resolved, notice": "PagerDuty, resolve; Security Lake",
}
`);
});

const STATES = {
  pending: NOTICES.opened.state,
  restored: { state: 'restored' },
  gone: { state: 'gone' },
  'not-looked-up': { state: 'not-looked-up' },
} as const;
const states = Object.keys(STATES) as (keyof typeof STATES)[];
const AUTO_CANCELLED = { severity: 'notice', action: { kind: 'restored' } } as const;
const RESTORED = { severity: 'notice', state: STATES.restored } as const;

test('what PagerDuty and Jira do about urgent news of each kind, by how the secret stands', () => {
  const done = KINDS.map((kind) => {
    const byState = states.map((state) => {
      const notice = { ...NOTICES[kind], severity: 'critical', state: STATES[state] } as const;
      const heard = names.filter((name) => isHeard(RULES[name], notice));
      return `${state}: ${heard.filter((name) => name !== 'Security Lake').join(' and ') || '-'}`;
    });
    return [kind, byState.join('; ')];
  });
  expect(Object.fromEntries(done)).toMatchInlineSnapshot(`
{
  "announced": "pending: -; restored: -; gone: -; not-looked-up: -",
  "caller": "pending: PagerDuty, trigger; restored: PagerDuty, resolve; gone: PagerDuty, trigger; not-looked-up: PagerDuty, trigger",
  "clash": "pending: -; restored: -; gone: -; not-looked-up: -",
  "digest": "pending: -; restored: PagerDuty, resolve; gone: -; not-looked-up: -",
  "gone": "pending: PagerDuty, trigger; restored: PagerDuty, trigger; gone: PagerDuty, trigger; not-looked-up: PagerDuty, trigger",
  "last-call": "pending: PagerDuty, trigger; restored: PagerDuty, resolve; gone: PagerDuty, trigger; not-looked-up: PagerDuty, trigger",
  "opened": "pending: PagerDuty, trigger and Jira; restored: PagerDuty, resolve; gone: PagerDuty, trigger and Jira; not-looked-up: PagerDuty, trigger",
  "over": "pending: PagerDuty, trigger; restored: PagerDuty, resolve; gone: PagerDuty, trigger; not-looked-up: PagerDuty, trigger",
  "resolved": "pending: PagerDuty, resolve; restored: PagerDuty, resolve; gone: PagerDuty, resolve; not-looked-up: PagerDuty, resolve",
}
`);
});

test.each<[string, IncidentNotice]>([
  ['it is told of its own', NOTICES.resolved],
  ['there was no time to look', { ...NOTICES.resolved, state: STATES['not-looked-up'] }],
  ['a digest finds it restored', { ...NOTICES.digest, ...RESTORED }],
  ["a further caller's alert finds it restored", { ...NOTICES.caller, ...RESTORED }],
  ['a last call finds it restored', { ...NOTICES['last-call'], ...RESTORED }],
  ['this service cancels the deletion', { ...NOTICES.caller, ...AUTO_CANCELLED }],
])('the page of a secret closes where %s', (_how, end) => {
  expect(pagesAfter(NOTICES.opened)).toEqual([NOTICES.opened.incident]);
  expect(pagesAfter(NOTICES.opened, end)).toEqual([]);
});

test.each<[string, IncidentNotice]>([
  ['the announcement of another', { ...NOTICES.announced, ...RESTORED, incident: 'f'.repeat(32) }],
  ['the end of another', { ...NOTICES.resolved, incident: 'f'.repeat(32) }],
  ['a digest of attempts', NOTICES.digest],
  ['the loss of the secret', NOTICES.gone],
  ['a digest that finds it gone', { ...NOTICES.digest, severity: 'notice', state: STATES.gone }],
])('a page outlasts %s', (_what, notice) => {
  expect(pagesAfter(NOTICES.opened, notice)).toEqual([NOTICES.opened.incident]);
});

test.each<[string, IncidentNotice]>([
  ['this service cancelled at once', { ...NOTICES.opened, ...AUTO_CANCELLED }],
  ['somebody restored before it was looked up', { ...NOTICES.opened, ...RESTORED }],
])('what %s gets no page and no issue', (_what, notice) => {
  expect(pagesAfter(notice)).toEqual([]);
  expect(isHeard(RULES.Jira, notice)).toBe(false);
});

test('PagerDuty does not page for what has more than 7 days left', () => {
  const notice: IncidentNotice = { ...NOTICES.opened, severity: 'notice' };
  expect(isHeard(RULES['PagerDuty, trigger'], notice)).toBe(false);
});

test.each(names)('%s hears no drill', (name) => {
  const secret = { ...NOTICES.opened.secret, name: `${DRILL_PREFIX}x` };
  const heard = KINDS.filter((kind) => isHeard(RULES[name], { ...NOTICES[kind], secret }));
  expect(heard).toEqual([]);
});

test.each(names)('%s hears nothing but this service', (name) => {
  const event = { ...envelopeOf(NOTICES.opened), source: 'aws.secretsmanager' };
  expect(matches(RULES[name].EventPattern, event)).toBe(false);
});

test('what PagerDuty and Jira get', () => {
  expect({
    trigger: transformed(RULES['PagerDuty, trigger'], NOTICES.opened),
    resolve: transformed(RULES['PagerDuty, resolve'], NOTICES.resolved),
    issue: transformed(RULES.Jira, NOTICES.opened),
  }).toMatchInlineSnapshot(`
{
  "issue": {
    "fields": {
      "description": {
        "content": [
          {
            "content": [
              {
                "text": "role app-server tried to read prod/db/password: 6 days 21 hours left",
                "type": "text",
              },
            ],
            "type": "paragraph",
          },
          {
            "content": [
              {
                "text": "What to run:",
                "type": "text",
              },
            ],
            "type": "paragraph",
          },
          {
            "content": [
              {
                "text": "aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1",
                "type": "text",
              },
            ],
            "type": "codeBlock",
          },
        ],
        "type": "doc",
        "version": 1,
      },
      "issuetype": {
        "name": "Task",
      },
      "labels": [
        "deleted-secret",
        "0123456789abcdef0123456789abcdef",
      ],
      "project": {
        "key": "OPS",
      },
      "summary": "role app-server tried to read prod/db/password: 6 days 21 hours left",
    },
  },
  "resolve": {
    "dedup_key": "0123456789abcdef0123456789abcdef",
    "event_action": "resolve",
  },
  "trigger": {
    "dedup_key": "0123456789abcdef0123456789abcdef",
    "event_action": "trigger",
    "payload": {
      "class": "opened",
      "custom_details": {
        "counts": {
          "attempts": 1,
          "callers": 1,
          "ignored": 0,
          "isLeast": false,
          "muted": 0,
        },
        "state": "pending",
      },
      "severity": "warning",
      "source": "prod/db/password",
      "summary": "role app-server tried to read prod/db/password: 6 days 21 hours left",
      "timestamp": "2026-11-22T17:05:00.000Z",
    },
  },
}
`);
});

test('whatever a notice holds, a transformer finds all its paths, and nothing gets out of its place in the JSON', () => {
  fc.assert(
    fc.property(hostileNotices, (notice) => {
      for (const name of names.filter((one) => isHeard(RULES[one], notice))) {
        const harmless = transformed(RULES[name], NOTICES[notice.kind]);
        expect(shapeOf(transformed(RULES[name], notice))).toEqual(shapeOf(harmless));
      }
    }),
    { numRuns: 300 },
  );
});

test('our own rules, which spokes forward by too, never hear our own events', () => {
  const patterns = [ATTEMPT_RULE, CHANGE_RULE].map(eventPattern);
  // PutEvents takes no such source from anybody but AWS: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
  expect(patterns.flatMap(({ source }) => source)).toEqual(
    patterns.map(() => expect.stringMatching(/^aws\./)),
  );
  fc.assert(
    fc.property(hostileNotices, (notice) => {
      expect(patterns.some((pattern) => matches(pattern, envelopeOf(notice)))).toBe(false);
    }),
  );
});

/**
 * What a rule sends of a notice. EventBridge does not escape what it puts into a template, so this does not either.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-issues
 */
function transformed({ Targets }: Rule, notice: IncidentNotice): unknown {
  const { InputPathsMap = {}, InputTemplate = '{}' } = Targets[0]?.InputTransformer ?? {};
  const event = envelopeOf(notice);
  const text = InputTemplate.replace(/<(\w+)>/g, (_variable, key: string) => {
    const value = valueAt(event, InputPathsMap[key]);
    return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  });
  return JSON.parse(text);
}

/** The dedup keys of the pages that are open after these notices, in this order. */
function pagesAfter(...notices: readonly IncidentNotice[]): string[] {
  const open = new Set<string>();
  for (const notice of notices) {
    for (const name of ['PagerDuty, trigger', 'PagerDuty, resolve'] as const) {
      if (!isHeard(RULES[name], notice)) continue;
      const sent = transformed(RULES[name], notice) as { event_action: string; dedup_key: string };
      if (sent.event_action === 'trigger') open.add(sent.dedup_key);
      else open.delete(sent.dedup_key);
    }
  }
  return [...open];
}

function valueAt(event: unknown, path = ''): unknown {
  const [root, ...fields] = path.split('.');
  expect(root).toBe('$');
  const value = fields.reduce((one, field) => (one as Record<string, unknown>)?.[field], event);
  expect([path, value]).not.toEqual([path, undefined]);
  return value;
}

/** A value with each text, number and boolean replaced by its type. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  if (Array.isArray(value)) return value.map(shapeOf);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shapeOf(one)]));
}
