import fc from 'fast-check';
import {
  asciiLine,
  cut,
  cutMiddle,
  defang,
  identifier,
  joinParagraphs,
  LINE_WIDTH,
  oneLine,
  shorten,
  wrap,
} from '../../lib/text.ts';
import { linkable, links } from '../testing/links.ts';

describe('oneLine', () => {
  test.each([
    ['a line break', 'a\nb\r\nc', 'a b c'],
    ['a tab and runs of spaces', ' a\t\t  b ', 'a b'],
    ['Unicode line and paragraph separators', 'a\u2028b\u2029c', 'a b c'],
    ['the next-line control', 'a\u0085b', 'a?b'],
    ['other controls', 'a\u0000b\u001b[31mc', 'a?b?[31mc'],
    ['bidirectional marks', 'a\u202egnp.exe\u2066b', 'a?gnp.exe?b'],
    ['invisible characters', 'pay\u200bments', 'pay?ments'],
    ['Hangul fillers, which are letters', 'a\u115f\u1160b\u3164c\uffa0', 'a?b?c?'],
    ['blanks of Braille', `a${'\u2800'.repeat(24)}b`, 'a?b'],
    ['half a surrogate pair', 'a\ud83d', 'a?'],
    ['letters of any language', 'Zoë 東京 한글 ⠓', 'Zoë 東京 한글 ⠓'],
  ])('makes %s harmless', (_, value, expected) => {
    expect(oneLine(value)).toBe(expected);
  });

  test('bounds the length', () => {
    expect(oneLine('x'.repeat(100_000), 10)).toBe('xxxxxxx...');
  });
});

test('asciiLine replaces all that is not ASCII', () => {
  expect(asciiLine('Zoë 😀\n東京!')).toBe('Zo? ? ?!');
});

test('identifier keeps what AWS allows in names and nothing that could pass for a field', () => {
  expect(identifier('prod/db_1+a=b.c@d-e!f')).toBe('prod/db_1+a=b.c@d-e!f');
  expect(identifier('x\nDeletion: never')).toBe('x?Deletion?never');
});

test.each([
  ['abcdef', 6, 'abcdef', 'abcdef'],
  ['abcdefghij', 8, 'abcde...', 'abc...ij'],
  ['😀😀😀😀', 6, '😀...', '😀...'],
])('%s cut to %i characters', (value, max, end, middle) => {
  expect(cut(value, max)).toBe(end);
  expect(cutMiddle(value, max)).toBe(middle);
});

describe('defang', () => {
  test.each([
    ['https://evil.example/confirm-owner', 'https[:]//evil[.]example/confirm-owner'],
    ['HTTP://EVIL.EXAMPLE', 'HTTP[:]//EVIL[.]EXAMPLE'],
    ['ftp://10.0.3.7/x', 'ftp[:]//10[.]0[.]3[.]7/x'],
    ['http:evil/x', 'http[:]evil/x'],
    ['10.0.3.7/login', '10[.]0[.]3[.]7/login'],
    ['10.0.3.7:8080', '10[.]0[.]3[.]7:8080'],
    ['.10.0.3.7:https://', '.10[.]0[.]3[.]7:https[:]//'],
    ['https:\\\\evil', 'https[:][\\\\]evil'],
    ['file:///etc/passwd', 'file[:]///etc/passwd'],
    ['\\\\server\\share', '[\\\\]server\\share'],
    ['www.evil.example', 'www[.]evil[.]example'],
    ['www.1', 'www[.]1'],
    ['evil.com:8080/x?y=z', 'evil[.]com:8080/x?y=z'],
    ['(see evil.com.)', '(see evil[.]com.)'],
    ['evil.com.2', 'evil[.]com[.]2'],
    [
      'bücher.de, пример.рф, xn--e1afmkfd.xn--p1ai',
      'bücher[.]de, пример[.]рф, xn--e1afmkfd[.]xn--p1ai',
    ],
    ['💩.la', '💩[.]la'],
    ['evil。com', 'evil[。]com'],
    ['mailto:me', 'mailto[:]me'],
    ['javascript:alert(1)', 'javascript[:]alert(1)'],
    ['alice@example.com', 'alice@example[.]com'],
    ['api.example.com/db-password', 'api[.]example[.]com/db-password'],
    // A service's host is a host: what calls itself one in a user agent need be none.
    ['ec2.amazonaws.com', 'ec2[.]amazonaws[.]com'],
  ])('%s is written %s', (text, expected) => {
    expect(defang(text)).toBe(expected);
  });

  test.each([
    'prod/db/password',
    'app-server',
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123',
    '10.0.3.7',
    '2001:db8::7',
    'aws-sdk-java/2.25.1 Linux/5.10.225-213.878.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/17.0.9+8-LTS',
    'aws-cli/2.15.0 md/command#secretsmanager.get-secret-value exec-env/AWS_Lambda_nodejs20.x',
    'RestoreSecret was refused (InvalidRequestException: managed by rds). Try again.',
  ])('leaves %s as it is', (text) => {
    expect(defang(text)).toBe(text);
  });

  test('leaves no link in any text, and done twice is done once', () => {
    fc.assert(
      fc.property(linkable, (text) => {
        expect(links(defang(text))).toEqual([]);
        expect(defang(defang(text))).toBe(defang(text));
      }),
      { numRuns: 2000 },
    );
  });
});

test('shorten never cuts a name so that a link is left', () => {
  expect(shorten('a'.repeat(30), 10)).toBe('aaaa...aaa');
  expect(shorten('evil.com-and-more-of-it', 19)).toBe('evil[.]co...e-of-it');
  fc.assert(
    fc.property(linkable, fc.integer({ min: 3, max: 60 }), (text, max) => {
      const short = shorten(oneLine(text), max);
      expect(short.length).toBeLessThanOrEqual(max);
      expect(links(short)).toEqual([]);
    }),
  );
});

test('a text says that links are defanged, if any is', () => {
  expect(joinParagraphs(['One.', wrap('Two.')])).toBe('One.\n\nTwo.');
  expect(joinParagraphs(['One.', wrap('Ask evil.example.')])).toBe(
    'One.\n\nAsk evil[.]example.\n\nWhat looks like a link is written with [.] or [:], so that it is none.',
  );
});

test('cut never leaves half a character', () => {
  expect(cut('abcd😀fgh', 8)).toBe('abcd...');
});

describe('wrap', () => {
  test('breaks at spaces and indents by the width of the label', () => {
    const text = `${'word '.repeat(20)}end`;
    expect(wrap(text, 'Label:   ').split('\n')).toEqual([
      'Label:   word word word word word word word word word word word word word',
      '         word word word word word word word end',
    ]);
  });

  test('keeps a date on one line', () => {
    const text = `${'word '.repeat(13)}2026-11-29 14:03 UTC`;
    expect(wrap(text).split('\n')[1]).toBe('2026-11-29 14:03 UTC');
  });

  test('makes lines of at most 76 characters that lose nothing', () => {
    const anything = fc
      .string({ unit: 'grapheme', maxLength: 400 })
      .map((text) => oneLine(text, 400));
    fc.assert(
      fc.property(anything, fc.constantFrom('', '1. ', 'Scheduled:   '), (text, label) => {
        const lines = wrap(text, label).split('\n');
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(LINE_WIDTH);
        const joined = lines.map((line) => line.slice(label.length)).join('');
        expect(joined.replaceAll(' ', '')).toBe(defang(text).replaceAll(' ', ''));
      }),
    );
  });

  test('never breaks a long word so that a link begins or ends a line', () => {
    // No host, as a hyphen follows; the break comes right before that.
    expect(wrap(`${'x'.repeat(68)}evil.com-x`)).toBe(`${'x'.repeat(68)}evil[.]c\nom-x`);
    fc.assert(
      fc.property(linkable, fc.integer({ min: 0, max: 90 }), (text, before) => {
        expect(links(wrap(oneLine(`${'x'.repeat(before)}${text}`, 600), '  - '))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
