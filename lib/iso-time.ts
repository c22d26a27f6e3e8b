import * as v from 'valibot';

/** A time in an item of the table: ISO 8601 there, a Date here. */
export const isoTime = v.pipe(
  v.string(),
  v.transform((text) => new Date(text)),
  v.date(),
);
