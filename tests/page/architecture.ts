import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Graphviz } from '@hpcc-js/wasm-graphviz';

const DOCS = join(import.meta.dirname, '../../docs');

/** Where the picture of the architecture is. */
export const ARCHITECTURE = join(DOCS, 'architecture.svg');

/** The picture that docs/architecture.dot describes, as SVG: the same on every machine. */
export async function renderArchitecture(): Promise<string> {
  const [graphviz, text] = await Promise.all([
    Graphviz.load(),
    readFile(join(DOCS, 'architecture.dot'), 'utf8'),
  ]);
  return graphviz.dot(text);
}
