import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD, ROOT, run } from '../emulators/serverless.ts';
import { SERVICE } from '../stack/names.ts';

/** A package in package-lock.json. */
interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly dependencies?: Record<string, string>;
}

/**
 * What the functions are made of, as CycloneDX by `npm sbom`: the locked packages of `dependencies`, and what these take.
 * From a lock file of them alone, because npm 11 leaves out what development takes too if it is to leave out that. And without
 * what is of the run, not of the commit: time, serial number, npm's version, and the properties of a package, which npm 10 writes
 * and npm 11 leaves empty.
 * @throws Error with what npm printed if it fails
 */
export async function sbom(signal: AbortSignal): Promise<object> {
  const [manifest, lock] = await Promise.all(
    ['package.json', 'package-lock.json'].map(async (file) =>
      JSON.parse(await readFile(join(ROOT, file), 'utf8')),
    ),
  );
  const { name, version, description, license, dependencies } = manifest;
  const own = { name, version, description, license, private: true, dependencies };
  const isNeeded = ([path, one]: [string, Locked]) =>
    path !== '' && !one.dev && !one.optional && !one.devOptional && !one.peer;
  const packages = Object.fromEntries(Object.entries<Locked>(lock.packages).filter(isNeeded));

  await mkdir(BUILD, { recursive: true });
  const temporary = await mkdtemp(join(BUILD, 'sbom-'));
  const directory = join(temporary, SERVICE); // by which npm calls it
  try {
    await mkdir(directory);
    await writeFile(join(directory, 'package.json'), JSON.stringify(own));
    const pruned = { ...lock, packages: { '': own, ...packages } };
    await writeFile(join(directory, 'package-lock.json'), JSON.stringify(pruned));
    const options = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
    const env = { PATH: process.env.PATH, HOME: temporary, npm_config_update_notifier: 'false' };
    const printed = await run('npm', ['sbom', ...options], { cwd: directory, env, signal });
    return ofCommit(JSON.parse(printed));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const ofCommit = ({
  serialNumber: _,
  metadata: { timestamp: __, tools: ___, component, ...metadata },
  components,
  ...others
}: {
  serialNumber: string;
  metadata: { timestamp: string; tools: object[]; component: Component };
  components: Component[];
}) => ({
  ...others,
  metadata: { ...metadata, component: withoutProperties(component) },
  components: components.map(withoutProperties),
});

type Component = { properties?: object[] };
const withoutProperties = ({ properties: _, ...component }: Component) => component;
