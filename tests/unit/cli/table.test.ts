import { styleText } from 'node:util';
import { renderTable } from '../../../cli/table.ts';

test('columns are as wide as needed, and the last one wraps at 80 characters', () => {
  const rows = [
    ['ok', 'stack', 'complete'],
    [
      'fail',
      'rule',
      'is in the state ENABLED, in which EventBridge never shows it a read such as GetSecretValue',
    ],
  ];
  expect(renderTable(rows)).toMatchInlineSnapshot(`
"ok    stack  complete
fail  rule   is in the state ENABLED, in which EventBridge never shows it a read
             such as GetSecretValue"
`);
});

test('colours take no room', () => {
  const green = styleText('green', 'ok', { validateStream: false });
  expect(
    renderTable([
      [green, 'a'],
      ['fail', 'b'],
    ]),
  ).toBe(`${green}    a\nfail  b`);
});

test('no rows are no lines', () => {
  expect(renderTable([])).toBe('');
});
