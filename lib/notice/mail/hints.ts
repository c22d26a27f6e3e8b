import { oneLine } from '../../text.ts';

/** A tag that tells the reader something, such as the secret's owner. */
export interface Hint {
  readonly key: string;
  readonly value: string;
}

/** The secret's tags among `keys`, in the order of `keys`; upper and lower case are the same. */
export function findHints(tags: Readonly<Record<string, string>>, keys: readonly string[]): Hint[] {
  return keys.flatMap((wanted) =>
    Object.entries(tags)
      .filter(([key, value]) => key.toLowerCase() === wanted.toLowerCase() && value.trim() !== '')
      .map(([key, value]) => ({ key: oneLine(key, 128), value: oneLine(value) })),
  );
}
