import { strFromU8, strToU8, unzipSync, type Zippable, zipSync } from 'fflate';
import { repacked } from '../../../release/zip.ts';

const FILES = { 'functions/notify.mjs': strToU8('export const handler = () => {};\n'.repeat(50)) };
const OTHER = { 'a.txt': strToU8('a') };

test.each<[string, Zippable, Parameters<typeof zipSync>[1]]>([
  ['at another time', { ...FILES, ...OTHER }, { mtime: '2026-11-28T03:00:00Z' }],
  ['by another compressor', { ...FILES, ...OTHER }, { level: 1 }],
  ['on another system', { ...FILES, ...OTHER }, { os: 0, attrs: 0 }],
  ['in another order', { ...OTHER, ...FILES }, {}],
])('a zip that was packed %s has the same bytes once it is packed anew', (_, files, options) => {
  const reference = zipSync({ ...FILES, ...OTHER }, { mtime: '2020-01-01' });
  const zip = zipSync(files, options);
  expect(Buffer.compare(zip, reference)).not.toBe(0);
  expect(Buffer.compare(repacked(zip), repacked(reference))).toBe(0);
});

test('another content has other bytes, and what is in it stays', () => {
  const zip = repacked(zipSync(FILES));
  expect(Object.entries(unzipSync(zip)).map(([name, file]) => [name, strFromU8(file)])).toEqual(
    Object.entries(FILES).map(([name, file]) => [name, strFromU8(file)]),
  );
  expect(Buffer.compare(zip, repacked(zipSync(OTHER)))).not.toBe(0);
});

test('whoever unpacks it, and AWS Lambda, may read the files', () => {
  const zip = Buffer.from(repacked(zipSync(FILES)));
  const central = zip.indexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
  expect(zip.readUInt8(central + 5)).toBe(3); // Unix
  expect((zip.readUInt32LE(central + 38) >>> 16).toString(8)).toBe('100644');
});
