import { readFileSync } from 'node:fs';
import { ROOT } from '../../../emulators/serverless.ts';
import { sbom } from '../../../release/sbom.ts';

interface Sbom {
  readonly metadata: object;
  readonly components: {
    readonly name: string;
    readonly purl: string;
    readonly hashes: object[];
  }[];
}

const json = (file: string) => JSON.parse(readFileSync(`${ROOT}/${file}`, 'utf8'));
const made = async () => (await sbom(AbortSignal.timeout(60_000))) as Sbom;

test('the list of components names what the functions are made of, as it is locked, and no tool of development', async () => {
  const { components } = await made();
  const names = components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(json('package.json').dependencies)));
  expect(names).toEqual(expect.arrayContaining(['@smithy/core', 'tslib'])); // what these take
  const { packages } = json('package-lock.json');
  for (const name of names) {
    const { dev, optional } = packages[`node_modules/${name}`];
    expect([name, dev, optional]).toEqual([name, undefined, undefined]);
  }
  for (const { name, purl, hashes } of components) {
    expect(purl).toBe(
      `pkg:npm/${name.replace('@', '%40')}@${packages[`node_modules/${name}`].version}`,
    );
    expect(hashes).toHaveLength(1);
  }
});

test('the list of components is the same twice, and says nothing of the run that made it', async () => {
  const [one, other] = [await made(), await made()];
  expect(one).toEqual(other);
  expect(Object.keys(one)).not.toContain('serialNumber');
  expect(JSON.stringify(one)).not.toContain('"properties"'); // of which npm 10 and npm 11 write others
  expect(Object.keys(one.metadata).sort()).toEqual(['component', 'lifecycles']);
  expect(one.metadata).toMatchObject({
    component: { name: 'deleted-secret-notifier', version: json('package.json').version },
  });
});
