/** How a measurement is made. */
export interface Measuring {
  /** How often each subject is measured. */
  readonly runs: number;
  /** Stops the running processes. */
  readonly signal: AbortSignal;
  /** Is called after each run. */
  readonly onProgress: () => void;
}

/**
 * Measures each subject `runs` times in turn, so that other load of the machine affects all of them alike.
 * @returns for each subject its measurements.
 */
export async function interleave<Name extends string, Measurement>(
  subjects: Readonly<Record<Name, () => Promise<Measurement>>>,
  runs: number,
  onRun: () => void,
): Promise<Record<Name, Measurement[]>> {
  const names = Object.keys(subjects) as Name[];
  const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Measurement[]
  >;
  for (let run = 0; run < runs; run++) {
    for (const name of names) {
      measured[name].push(await subjects[name]());
      onRun();
    }
  }
  return measured;
}

/** The middle of some numbers; of an even count the mean of the two in the middle. @throws RangeError for none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) {
    throw new RangeError('Expected at least one number, got none');
  }
  return (lower + upper) / 2;
}

export const sum = (numbers: readonly number[]) =>
  numbers.reduce((total, number) => total + number, 0);
