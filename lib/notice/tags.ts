import { oneLine } from '../text.ts';

/** What a secret's tags say of it: who owns it, and what took its place. */
export interface Tagged {
  readonly owners: readonly Tag[];
  readonly replacements: readonly Tag[];
}

/** A tag that tells the reader something: one plain line each. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** `payments (tag owner), core (tag team)`. */
export function tagsText(tags: readonly Tag[]): string {
  return tags.map(({ key, value }) => `${value} (tag ${key})`).join(', ');
}

/** Which tags are named; upper and lower case are the same. */
export interface TagKeys {
  readonly owner: readonly string[];
  readonly replacement: readonly string[];
}

/** What a secret's tags say of it. */
export const taggedBy = (
  tags: Readonly<Record<string, string>>,
  { owner, replacement }: TagKeys,
): Tagged => ({ owners: findTags(tags, owner), replacements: findTags(tags, replacement) });

/** The secret's tags among `keys`, in the order of `keys`; upper and lower case are the same. */
export function findTags(tags: Readonly<Record<string, string>>, keys: readonly string[]): Tag[] {
  return keys.flatMap((wanted) =>
    Object.entries(tags)
      .filter(([key, value]) => key.toLowerCase() === wanted.toLowerCase() && value.trim() !== '')
      .map(([key, value]) => ({ key: oneLine(key, 128), value: oneLine(value) })),
  );
}
