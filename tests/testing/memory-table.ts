import type { Item } from '../../lib/deletion/ledger.ts';

/** A table in memory that keeps the contract of `lib/aws/table.ts`. */
export function memoryTable() {
  const items = new Map<string, Item>();
  const id = ({ pk, sk }: Item) => `${pk}\n${sk}`;
  return {
    items,
    getItems: async (pk: string) => [...items.values()].filter((item) => item.pk === pk),
    putItem: async (item: Item) => {
      items.set(id(item), item);
    },
    endQuietWindows: async () => {},
    markAnnounced: async (pk: string, order: string) => {
      const key = id({ pk, sk: 'change' });
      const item = items.get(key);
      if (item?.order === order) items.set(key, { ...item, announced: true });
    },
    putIfNewer: async (item: Item & { readonly order: string }) => {
      const old = items.get(id(item));
      const order = String(old?.order);
      if (old && (order > item.order || (order === item.order && old.announced))) return false;
      items.set(id(item), item);
      return true;
    },
  };
}
