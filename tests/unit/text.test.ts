import fc from 'fast-check';
import {
  asciiLine,
  cut,
  cutMiddle,
  identifier,
  LINE_WIDTH,
  oneLine,
  wrap,
} from '../../lib/text.ts';

describe('oneLine', () => {
  test.each([
    ['a line break', 'a\nb\r\nc', 'a b c'],
    ['a tab and runs of spaces', ' a\t\t  b ', 'a b'],
    ['Unicode line and paragraph separators', 'a\u2028b\u2029c', 'a b c'],
    ['the next-line control', 'a\u0085b', 'a?b'],
    ['other controls', 'a\u0000b\u001b[31mc', 'a?b?[31mc'],
    ['bidirectional marks', 'a\u202egnp.exe\u2066b', 'a?gnp.exe?b'],
    ['invisible characters', 'pay\u200bments', 'pay?ments'],
    ['half a surrogate pair', 'a\ud83d', 'a?'],
    ['letters of any language', 'Zoë 東京', 'Zoë 東京'],
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
])('%s cut to %i characters', (value, max, end, middle) => {
  expect(cut(value, max)).toBe(end);
  expect(cutMiddle(value, max)).toBe(middle);
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
        expect(joined.replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});
