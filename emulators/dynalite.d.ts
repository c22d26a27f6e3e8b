declare module 'dynalite' {
  import type { Server } from 'node:http';

  /**
   * @param options.createTableMs How long it takes until a new table is active, in ms. Default 500.
   * @param options.path The directory where it stores the items. Default: in memory.
   */
  export default function dynalite(options: {
    readonly createTableMs: number;
    readonly path?: string;
  }): Server;
}

declare module 'dynalite/db/index.js' {
  interface Failure extends Error {
    readonly body: Record<string, unknown>;
  }

  const db: {
    /** @returns why the condition of a write fails on the item. */
    checkConditional(
      request: Readonly<Record<string, unknown>>,
      item: object | undefined,
    ): Failure | null | undefined;
  };
  export default db;
}

declare module 'dynalite/validations/updateItem.js' {
  const validation: {
    /** The parameters of the operation; all others are dropped. */
    readonly types: Record<string, { readonly type: string; readonly enum?: readonly string[] }>;
  };
  export default validation;
}
