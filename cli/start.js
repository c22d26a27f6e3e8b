// Runs a command, of which the file is the first argument: `node cli/start.js cli/main.ts status`. JavaScript, so that an
// older Node.js, which macOS may have, says what is missing instead of what it cannot read.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMMANDS, requireNode } from './node.js';

try {
  requireNode(COMMANDS);
} catch ({ message }) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}
const [, , file = ''] = process.argv;
process.argv.splice(1, 2, resolve(file)); // as if it had been started by itself
await import(pathToFileURL(resolve(file)).href);
