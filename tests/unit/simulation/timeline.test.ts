import { play } from '../../../simulation/timeline.ts';

interface Happening {
  readonly time: number;
  readonly name: string;
}

/** Plays, and records what begins and ends. `ends` names what must begin before a happening ends. */
async function record(
  happenings: readonly Happening[],
  { following = {}, ends = {}, room = 9 }: Partial<Scene> = {},
): Promise<string[]> {
  const notes: string[] = [];
  let underWay = 0;
  const begun = new Map<string, () => void>();
  const beginningOf = (name: string) =>
    new Promise<void>((resolve) => void begun.set(name, resolve));
  await play(happenings, {
    hasRoom: () => underWay < room,
    async begin({ name }) {
      underWay++;
      notes.push(`${name} begins`);
      begun.get(name)?.();
      const awaited = ends[name];
      await (awaited ? beginningOf(awaited) : undefined);
      underWay--;
      notes.push(`${name} ends`);
      return following[name] ?? [];
    },
  });
  return notes;
}

interface Scene {
  readonly following: Readonly<Record<string, readonly Happening[]>>;
  readonly ends: Readonly<Record<string, string>>;
  readonly room: number;
}

const at = (time: number, name: string): Happening => ({ time, name });

test('lets things happen in the order of time, whatever the order in which they are given', async () => {
  expect(await record([at(1e9, 'c'), at(0, 'a'), at(1e6, 'b')])).toEqual([
    'a begins',
    'a ends',
    'b begins',
    'b ends',
    'c begins',
    'c ends',
  ]);
});

test('lets what follows happen in its turn', async () => {
  const notes = await record([at(0, 'a'), at(1e9, 'c')], { following: { a: [at(1e6, 'b')] } });
  expect(notes.filter((note) => note.endsWith('begins'))).toEqual([
    'a begins',
    'b begins',
    'c begins',
  ]);
});

test('lets what is close in time happen at a time', async () => {
  const notes = await record([at(0, 'a'), at(1000, 'b')], { ends: { a: 'b' } });
  expect(notes.slice(0, 2)).toEqual(['a begins', 'b begins']);
});

test('waits for room', async () => {
  const notes = await record([at(0, 'a'), at(1, 'b')], { room: 1 });
  expect(notes).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('throws what a happening throws', async () => {
  const begin = () => Promise.reject(new Error('no'));
  await expect(play([at(0, 'a')], { hasRoom: () => true, begin })).rejects.toThrow('no');
});
