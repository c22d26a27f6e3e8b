declare module 'dynalite' {
  import type { Server } from 'node:http';

  /**
   * @param options.createTableMs How long a new table is not active yet, in ms. Default 500.
   * @param options.path The directory where it keeps the items. Default: in memory.
   */
  export default function dynalite(options: {
    readonly createTableMs: number;
    readonly path?: string;
  }): Server;
}
