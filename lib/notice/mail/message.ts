import type { Attributes } from './attributes.ts';

/** A mail, ready to publish. */
export interface Message {
  /** ASCII, at most 99 characters. */
  readonly subject: string;
  readonly body: string;
  readonly attributes: Attributes;
}
