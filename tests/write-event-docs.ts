import { writeDocs } from './testing/events.ts';

writeDocs();
