import { AbstractValueIterator } from 'abstract-level';

/**
 * Lets dynalite close what it reads with: it asks each iterator to `return`, which those of Level do not know. Left
 * open they keep all that is overwritten later, in memory and on disk.
 */
export function closeIterators(): void {
  Object.assign(AbstractValueIterator.prototype, {
    return(this: AbstractValueIterator<unknown, unknown, unknown>) {
      return this.close();
    },
  });
}
