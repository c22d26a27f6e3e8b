// JavaScript, which any Node.js reads that the Serverless Framework runs on: one that is installed for all projects runs on
// the machine's, not on that of this project (docs/decisions/0014-node-of-the-project.md).
import { createRequire } from 'node:module';
import { requireNode, TYPESCRIPT } from '../cli/node.js';

requireNode(TYPESCRIPT);

// By `require`, because osls requires this file, and what is required must not wait. Version 4 of the framework imports it.
// https://nodejs.org/api/modules.html#loading-ecmascript-modules-using-require
export default createRequire(import.meta.url)('./plugin.ts').default;
