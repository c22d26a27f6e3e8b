/** How a measurement is made. */
export interface Measuring {
  /** How often each subject is measured. */
  readonly runs: number;
  /** Stops the processes under way. */
  readonly signal: AbortSignal;
  /** Is told of each run. */
  readonly onProgress: () => void;
}
