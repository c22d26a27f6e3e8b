/** What is seen of a path. */
export interface Sight {
  readonly isAnswered: boolean;
  /** Whether the attempt has come as far as to the function. */
  readonly hasArrived?: boolean;
  /** Whether waiting longer is in vain. */
  readonly isFinal?: boolean;
  /** In a few words. */
  readonly text: string;
}

/** What was seen of a path last. */
export interface Answer extends Sight {
  readonly path: 'event' | 'alarm';
  /** From the request for the value until it was seen. */
  readonly seconds: number;
}

/** A path, and how to look at it. */
export interface Path {
  readonly path: Answer['path'];
  /** How long to wait between two looks, in ms. */
  readonly interval: number;
  readonly look: () => Promise<Sight>;
}

export interface Clock {
  readonly now: () => Date;
  /** Rejects when the drill is interrupted. */
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * Looks at a path until it has answered, or waiting is in vain, or the time is up.
 * @param show shows what is seen.
 * @throws what looking and sleeping throw.
 */
export async function waitFor(
  { path, interval, look }: Path,
  askedAt: Date,
  timeout: number,
  { now, sleep }: Clock,
  show: (text: string) => void,
): Promise<Answer> {
  for (;;) {
    const sight = await look();
    const { isAnswered, isFinal, text } = sight;
    const passed = now().getTime() - askedAt.getTime();
    show(`${text} (${Math.round(passed / 1000)} s)`);
    if (isAnswered || isFinal || passed >= timeout) {
      return { ...sight, path, seconds: Math.round(passed / 100) / 10 };
    }
    await sleep(Math.min(interval, timeout - passed));
  }
}
