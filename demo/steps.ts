import { runTasks } from '../cli/progress.ts';

/**
 * Runs a step of the demo and shows it under its title: animated in a terminal, else in plain lines. `note`
 * adds its result.
 * @throws what `run` throws.
 */
export type Step = <Result>(title: string, run: (note: Note) => Promise<Result>) => Promise<Result>;
type Note = (text: string) => void;

/** Runs steps until `signal` is aborted, then throws its reason instead. */
export function stepRunner(signal: AbortSignal): Step {
  return async function step<Result>(title: string, run: (note: Note) => Promise<Result>) {
    signal.throwIfAborted();
    let result: Result | undefined;
    const task = {
      title,
      async run({ note }: { note: Note }) {
        result = await run(note);
      },
    };
    await runTasks([task], 'simple');
    return result as Result;
  };
}
