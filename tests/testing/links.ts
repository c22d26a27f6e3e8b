import fc from 'fast-check';

/**
 * What Outlook, Gmail, Apple Mail, Slack or a terminal would make a link of, written anew, and as broadly as can be: a
 * scheme, `www.`, a host whose end is one of these domains, a schemeless address, a path of a Windows network.
 */
const LINK =
  /[a-z][a-z0-9+.-]*:(?:\/\/|\\\\)\S+|\b(?:https?|ftp):\S+|\b(?:\d{1,3}\.){3}\d{1,3}[:/]\w+|\bwww\.\S+|[\p{L}\p{M}\p{N}\p{So}_-]+\.(?:com|net|org|example|[a-z]{2}|app|dev|info|cloud|secrets|xn--[a-z0-9-]+|рф|भारत)(?![\p{L}\p{M}\p{N}_-])|\b(?:mailto|tel|sms|javascript|data|skype|file):\S+|\\\\\w+/giu;

/** What our commands have for the reader to fill in: a file of his own, of which no click opens any. */
const PLACEHOLDER = /\bfile:\/\/(?:VALUE-FILE|TEMPLATE)(?![^\s`])/g;

/** The links that mail programs would make in a text. */
export function links(text: string): string[] {
  return text.replace(PLACEHOLDER, '').match(LINK) ?? [];
}

const words = (text: string) => text.split(' ');

const part = fc.constantFrom(
  ...words(
    String.raw`https:// HTTP:// ftp:// x:// https:\\ http: // www. WWW. mailto: tel: javascript:`,
  ),
  ...words('evil Evil xn--p1ai bücher пример e\u0301vil 💩 a_b 1 10.0.3.7'),
  'x'.repeat(70),
  ...words('.com .example .COM .рф .भारत .co.uk .io .2 .x .xn--p1ai 。com .. .'),
  ...words(String.raw`- _ / \\ : @ ? # [ ] [.] [:] ( ) < > ' " ,`),
  ' ',
  '\n',
);

/** Texts that are made of links, or nearly. */
export const linkable: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 9, arbitrary: part }, fc.string({ maxLength: 5 })), { maxLength: 12 })
  .map((parts) => parts.join(''));
