import type { Item } from '../../lib/aws/table.ts';
import type { Ledger } from '../../lib/deletion/ledger.ts';

/** A ledger in memory that keeps the contract of `createLedger`. */
export function memoryTable(): Omit<Ledger, 'noteRestoring' | 'noteRefused'> & {
  readonly items: Map<string, Item>;
} {
  const items = new Map<string, Item>();
  const id = ({ pk, sk }: Item) => `${pk}\n${sk}`;
  return {
    items,
    getItems: async (pk) => [...items.values()].filter((item) => item.pk === pk),
    putItem: async (item) => {
      items.set(id(item), item);
    },
    markAnnounced: async (pk, order) => {
      const key = id({ pk, sk: 'change' });
      const item = items.get(key);
      if (item?.order === order) items.set(key, { ...item, announced: true });
    },
    putIfNewer: async (item) => {
      const old = items.get(id(item));
      const order = String(old?.order);
      if (old && (order > item.order || (order === item.order && old.announced))) return false;
      items.set(id(item), item);
      return true;
    },
  };
}
