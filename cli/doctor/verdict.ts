/** The verdict of a check; `unknown` if it could not run, which is never good. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'unknown';

export interface Finding {
  readonly verdict: Verdict;
  /** A sentence. */
  readonly message: string;
  /** The command or the page that fixes it, in one line; always given with `warn` and `fail`. */
  readonly remedy?: string;
  readonly details?: Details;
}

/** What is known beyond the sentence. */
export interface Details {
  /** For people, below the table. */
  readonly lines: readonly string[];
  /** For machines, complete. */
  readonly data: readonly object[];
}

/** Throws UnreadableError, and whatever the SDK throws. */
export type Check = () => Promise<Finding>;

/** Checks, by name. */
export type Checks = Readonly<Record<string, Check>>;

/** The finding of a check, with its name. */
export interface Result extends Finding {
  readonly check: string;
}

export const ok = (message: string): Finding => ({ verdict: 'ok', message });

/** An alert would arrive, but something is not as it should be. */
export const warn = (message: string, remedy: string): Finding => ({
  verdict: 'warn',
  message,
  remedy,
});

/** An alert might not arrive. */
export const fail = (message: string, remedy: string): Finding => ({
  verdict: 'fail',
  message,
  remedy,
});

export const unknown = (message: string, remedy?: string): Finding => ({
  verdict: 'unknown',
  message,
  ...(remedy && { remedy }),
});
