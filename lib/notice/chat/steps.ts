import type { Step } from '../alert-text.ts';
import { type Remedy, signedIn } from '../commands.ts';
import { commandText, linkText, plainStart } from './markdown.ts';
import { MAX_STEP } from './message.ts';

/** What a reader can do, as a message has it. */
export interface Steps {
  readonly nextSteps: readonly string[];
  /** Commands that are too long for a step, as blocks of code for the description. */
  readonly blocks: readonly string[];
}

/**
 * The steps of a message. No command or link is cut: a command too long for a step stands in the description, if there are
 * `room` characters for it, and else a step says where to find it.
 */
export function renderSteps(steps: readonly Step[], room: number): Steps {
  const nextSteps: string[] = [];
  const blocks: string[] = [];
  let left = room;
  for (const { text, remedy, command = remedy?.command } of steps) {
    const advice = plainStart(text, MAX_STEP);
    const code = command === undefined ? undefined : commandText(command);
    const full = code === undefined ? advice : `${advice} \`${code}\``;
    const block = `\`\`\`\n${code}\n\`\`\``;
    if (command === undefined || (code !== undefined && full.length <= MAX_STEP)) {
      nextSteps.push(full);
    } else if (code !== undefined && block.length < left) {
      left -= block.length + 1;
      blocks.push(block);
      nextSteps.push(insteadOf(text, 'The command stands above.'));
    } else {
      nextSteps.push(insteadOf(text, 'The command has no room here: the mail names it.'));
    }
    if (remedy) nextSteps.push(...linkStep(remedy));
  }
  return { nextSteps, blocks };
}

function insteadOf(text: string, where: string): string {
  const advice = plainStart(text.replace(/:$/, '.'), MAX_STEP - where.length - 1);
  return `${advice} ${where}`;
}

/** The secret's page in the console, if it has room. */
function linkStep(remedy: Remedy): string[] {
  if (!remedy.link) return [];
  const step = `Or in the console${signedIn(remedy)}: ${linkText(remedy.link)}`;
  return step.length <= MAX_STEP ? [step] : [];
}
