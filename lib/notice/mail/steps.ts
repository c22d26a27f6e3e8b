import { wrap } from '../../text.ts';
import type { Step } from '../alert-text.ts';
import { commandAndLink } from '../commands.ts';

/** What the reader can do, a paragraph each, with the commands and links to do it. */
export const stepsText = (steps: readonly Step[]): string[] =>
  steps.flatMap(({ text, remedy, command }, i) => [
    wrap(text, `${i + 1}. `),
    ...(remedy ? commandAndLink(remedy) : []),
    ...(command ? [command] : []),
  ]);
