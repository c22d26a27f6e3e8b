import type { Lookup } from '../../../lib/deletion/describe.ts';
import { lastLook } from '../../../lib/incident/last-look.ts';
import { cancellation, deletion, found, HOME } from '../../testing/attempts.ts';

const KEYS = { owner: ['Owner'], replacement: ['replaced-by'] };

const look = (lookup: Lookup, change = deletion()) =>
  lastLook(change, KEYS, { home: HOME, describeSecret: async () => lookup });

test('a deletion is kept with the tags that say whose the secret is and what took its place, in any case, and no others', async () => {
  const tags = { owner: 'payments', 'Replaced-By': 'prod/db/v2', cost: '7', empty: '' };
  expect(await look(found({ tags }))).toEqual({
    ...deletion(),
    tags: { owner: 'payments', 'Replaced-By': 'prod/db/v2' },
  });
});

test('a tag is kept as one plain line', async () => {
  const { tags } = (await look(found({ tags: { owner: 'a\u001b[2J\n\u202eb' } }))) as {
    tags?: object;
  };
  expect(JSON.stringify(tags)).not.toMatch(/\\|[\p{C}]/u);
});

test('a deletion is kept with where its primary secret is, which its record knows better', async () => {
  const replica = found({ replicaOf: 'eu-west-1' });
  expect(await look(replica)).toMatchObject({ replicaOf: 'eu-west-1' });
  const known = deletion({ replicaOf: 'us-east-1' });
  expect(await look(replica, known)).toMatchObject({ replicaOf: 'us-east-1' });
});

test.each<Lookup>([
  { kind: 'not-found' },
  { kind: 'unavailable', reason: 'DescribeSecret was refused (X).' },
  { kind: 'elsewhere', place: { region: 'us-east-1' } },
  found(),
])('a deletion stays as it is where AWS tells nothing of it: %j', async (lookup) => {
  expect(await look(lookup)).toEqual(deletion());
});

test('no look is taken for a restore', async () => {
  const describeSecret = () => Promise.reject(new Error('looked'));
  const change = cancellation();
  expect(await lastLook(change, KEYS, { home: HOME, describeSecret })).toBe(change);
});
