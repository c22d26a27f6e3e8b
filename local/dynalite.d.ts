declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** @param options.createTableMs How long a new table is not active yet, in ms. Default 500. */
  export default function dynalite(options: { readonly createTableMs: number }): Server;
}
