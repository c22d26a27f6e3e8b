import type { Mail } from '../../emulators/messaging.ts';

/** The rows of a mail by their labels, the lines of each joined. */
export function rowsOf(mail: Mail | undefined): Record<string, string> {
  const text = (mail?.body ?? '').replace(/\n +/g, ' ');
  const rows = text.matchAll(/^([A-Z][a-z ]+): +(.+)$/gm);
  return Object.fromEntries(Array.from(rows, ([, label = '', value = '']) => [label, value]));
}
