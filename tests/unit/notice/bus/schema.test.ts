import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import * as v from 'valibot';
import { DETAIL_TYPES } from '../../../../lib/notice/bus/event.ts';
import { detailSchema } from '../../../../lib/notice/bus/schema.ts';
import type { CallerNews, IncidentNotice } from '../../../../lib/notice/incident-notice.ts';
import {
  envelopeOf,
  eventOf,
  exampleText,
  readExample,
  readPage,
  readSchema,
  schemaText,
} from '../../../testing/events.ts';
import { hostileNotices } from '../../../testing/hostile-notices.ts';
import { KINDS, NOTICES } from '../../../testing/incident-notices.ts';

const ajv = new Ajv2020({ allErrors: true });
addFormats.default(ajv);
const isValid = ajv.compile(JSON.parse(readSchema()));

/** What is wrong with the event of a notice, by the schema in docs/. */
function faultsOf(notice: IncidentNotice): unknown {
  isValid(JSON.parse(eventOf(notice).Detail));
  return isValid.errors;
}

test('docs/notice-event.schema.json and the example are what npm run event-docs writes', () => {
  expect(readSchema()).toBe(schemaText());
  expect(readExample()).toBe(exampleText());
});

test.each(KINDS)('the event of %s is valid', (kind) => {
  expect(faultsOf(NOTICES[kind])).toBeNull();
});

test.each(KINDS)('the event of %s has no field that the schema does not describe', (kind) => {
  const { detail } = envelopeOf(NOTICES[kind]);
  expect(v.parse(detailSchema, detail)).toEqual(detail);
});

test.each(KINDS)('operations.md has a row for %s', (kind) => {
  expect(readPage()).toContain(`\n| \`${DETAIL_TYPES[kind]}\` | \`${kind}\` | `);
});

test.each([
  ['another version', { version: '2' }],
  ['a null', { stage: null }],
  ['an unknown kind', { kind: 'closed' }],
  ['a time that is none', { at: 'yesterday' }],
  ['a text that is too long', { summary: 'x'.repeat(251) }],
])('the schema refuses %s', (_what, wrong) => {
  expect(isValid({ ...envelopeOf(NOTICES.opened).detail, ...wrong })).toBe(false);
});

test('whatever a record, a tag or a mute holds, the event is valid, one line in each text, and the same each time', () => {
  fc.assert(
    fc.property(hostileNotices, (notice) => {
      expect(faultsOf(notice)).toBeNull();
      for (const text of textsIn(JSON.parse(eventOf(notice).Detail))) {
        expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }
      expect(eventOf(notice)).toEqual(eventOf(notice));
    }),
  );
});

test('of longer lists the first are in the event', () => {
  const thirty = <Item>(item: Item) => Array.from({ length: 30 }, () => item);
  const tags = thirty({ key: 'owner', value: 'payments' });
  const [caller] = NOTICES.digest.callers;
  const sources = { addresses: thirty('10.0.3.7'), sessions: thirty('i-0abc') };
  const notice = {
    ...NOTICES.digest,
    secret: { ...NOTICES.digest.secret, owners: tags, replacements: tags },
    callers: thirty({ ...(caller as CallerNews), ...sources }),
    muted: thirty({ by: 'alice', reason: 'known', count: 1, news: 1 }),
  };
  expect(faultsOf(notice)).toBeNull();
  const { callers, muted, secret } = envelopeOf(notice).detail;
  const lists = [callers, callers[0].addresses, callers[0].sessions, muted, secret.owners];
  expect(lists.map(({ length }) => length)).toEqual([20, 5, 5, 10, 5]);
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

// What older queues and topics take; EventBridge takes 1 MB.
const MAX_BYTES = 256 * 1024;
// Source, detail-type, time and a resource: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
const BESIDES = 2048;

test('no event that is valid can be larger than EventBridge takes', () => {
  const largest = sizeOf(JSON.parse(readSchema()));
  expect(largest + BESIDES).toBeLessThan(MAX_BYTES);
});

/** The most bytes that the JSON of a value can have, as its schema bounds it; Infinity if it does not. */
function sizeOf(schema: {
  type?: string;
  enum?: string[];
  const?: string;
  properties?: Record<string, object>;
  items?: object;
  maxItems?: number;
  maxLength?: number;
}): number {
  if (schema.const !== undefined) return schema.const.length + 2;
  if (schema.enum) return Math.max(...schema.enum.map(({ length }) => length)) + 2;
  switch (schema.type) {
    case 'object':
      return Object.entries(schema.properties ?? {}).reduce(
        (total, [key, value]) => total + key.length + 4 + sizeOf(value),
        2,
      );
    case 'array':
      return 2 + (schema.maxItems ?? Infinity) * (1 + sizeOf(schema.items ?? {}));
    case 'string':
      // A UTF-16 unit is three bytes at most; of what is escaped, quotes and backslashes alone are left, two bytes each.
      return 2 + 3 * (schema.maxLength ?? Infinity);
    default:
      return 20; // a number, or a boolean
  }
}
