import { DATE } from '../../../lib/text.ts';

/** Markup that is safe to put into a page. */
export interface Html {
  readonly markup: string;
}

type Value = Html | string | number | undefined | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A template of markup. Values are escaped, for use between tags and in quoted attributes; only {@link Html} is inserted
 * as it is. `undefined` is nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const markup = parts.reduce((text, part, i) => `${text}${markupOf(values[i - 1])}${part}`);
  return { markup };
}

function markupOf(value: Value): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return String(value).replace(/[&<>"']/g, (c) => ENTITIES[c] ?? '');
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

/** A text whose times are not broken across lines. */
export function withDates(text: string): Html {
  const parts = text.split(DATE);
  const dates = text.match(DATE) ?? [];
  return html`${parts.map((part, i) => html`${part}${i < dates.length ? html`<span class="date">${dates[i]}</span>` : undefined}`)}`;
}
