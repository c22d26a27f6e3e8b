/** What a check comes to: `unknown` is what could not be looked at, and never good. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'unknown';

/** What was found, in a sentence; unless it is good, also the command or the page that mends it, in one line. */
export interface Finding {
  readonly verdict: Verdict;
  readonly message: string;
  readonly remedy?: string;
}

/** What finds the answer to a question about the deployed service. @throws UnreadableError, and whatever the SDK throws. */
export type Check = () => Promise<Finding>;

/** Checks, by name. */
export type Checks = Readonly<Record<string, Check>>;

/** What a check found, by its name. */
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
