import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { type BusEvent, renderEvent } from '../../lib/notice/bus/event.ts';
import { detailSchema } from '../../lib/notice/bus/schema.ts';
import type { IncidentNotice } from '../../lib/notice/incident-notice.ts';
import { ACCOUNT, HOME } from './attempts.ts';
import { NOTICES } from './incident-notices.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const SCHEMA = join(DOCS, 'notice-event.schema.json');
const PAGE = join(DOCS, 'operations.md');
/** The example: the first JSON below its heading. */
const EXAMPLE = /(?<=\n### An event\n.*?\n```json\n).*?(?=\n```\n)/s;

/** The JSON Schema of a detail, docs/operations.md, and the example of an event that it has. */
export const readSchema = () => readFileSync(SCHEMA, 'utf8');
export const readPage = () => readFileSync(PAGE, 'utf8');
export const readExample = () => EXAMPLE.exec(readPage())?.[0];

/** The schema and the example as they are to be. */
export function schemaText(): string {
  const schema = toJsonSchema(detailSchema, { target: 'draft-2020-12' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
export const exampleText = () => JSON.stringify(envelopeOf(NOTICES.opened), null, 2);

/** Writes them. */
export function writeDocs(): void {
  writeFileSync(SCHEMA, schemaText());
  writeFileSync(
    PAGE,
    readPage().replace(EXAMPLE, () => exampleText()),
  );
}

/** The event of a notice as a rule sees it. */
export const envelopeOf = (notice: IncidentNotice) => {
  const { Source, DetailType, Time, Resources, Detail } = eventOf(notice);
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': DetailType,
    source: Source,
    account: ACCOUNT,
    // EventBridge tells whole seconds.
    time: Time.toISOString().replace('.000', ''),
    region: HOME.region,
    resources: Resources,
    detail: JSON.parse(Detail),
  };
};

export const eventOf = (notice: IncidentNotice): BusEvent =>
  renderEvent(notice, { ...HOME, stage: 'dev' });
