import type { Caller } from '../cloudtrail/caller.ts';

/**
 * Whether a caller's ARN, or that of who issued a person's session, matches one of the patterns, in which `*` stands for
 * any characters and all else for itself.
 */
export function isIgnored(
  { key, issuerArn }: Pick<Caller, 'key' | 'issuerArn'>,
  patterns: readonly string[],
): boolean {
  const arns = issuerArn ? [key, issuerArn] : [key];
  return patterns.some((pattern) => arns.some((arn) => matches(pattern.split('*'), arn)));
}

/** In time linear in the key, whatever the pattern: the first piece at the start, the last at the end, the others in between. */
function matches([first = '', ...rest]: readonly string[], key: string): boolean {
  const last = rest.pop();
  if (last === undefined) return key === first;
  if (!key.startsWith(first) || !key.endsWith(last)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = key.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= key.length - last.length;
}
