import { runTasks } from '../cli/progress.ts';

/**
 * Does a step of the demo and shows it under its title: animated in a terminal, else in plain lines. `note`
 * adds what came of it.
 * @throws what `run` throws.
 */
export type Tell = <Result>(title: string, run: (note: Note) => Promise<Result>) => Promise<Result>;
type Note = (text: string) => void;

/** Tells steps until `signal` is aborted, then throws its reason instead. */
export function storyteller(signal: AbortSignal): Tell {
  return async function tell<Result>(title: string, run: (note: Note) => Promise<Result>) {
    signal.throwIfAborted();
    let result: Result | undefined;
    const step = {
      title,
      async run({ note }: { note: Note }) {
        result = await run(note);
      },
    };
    await runTasks([step], 'simple');
    return result as Result;
  };
}
