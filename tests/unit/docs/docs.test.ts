import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from '../../../emulators/serverless.ts';
import { PARAMETERS } from '../../../release/parameters.ts';
import { checkSettings } from '../../../stack/check-settings.ts';
import { GONE, SETTINGS } from '../../../stack/settings.ts';
import { spokeTemplate } from '../../../stack/spoke.ts';
import { stack } from '../../../stack/stack.ts';
import {
  commandOf,
  faultsOfCommand,
  faultsOfLooseOptions,
  faultsOfScript,
  faultsOfSetting,
  isCommand,
} from '../../testing/documented-commands.ts';
import { COMPLETE, DEPLOYMENT, SLACK } from '../stack/complete-settings.ts';
import {
  anchorsOf,
  type Code,
  codesOf,
  DOCUMENTS,
  type Document,
  linesOf,
  linksOf,
  spansOf,
} from './document.ts';

const IGNORED = ['node_modules', '.git', '.build', '.serverless', '.esbuild', 'dist', 'coverage'];
const PATHS = globSync(['**/*', '.ci/*', '.github/**/*'], {
  cwd: ROOT,
  exclude: (path) => IGNORED.includes(path),
});
/** All but documents, and but this test, which names what is not there. */
const SOURCES = PATHS.filter((path) => /\.(?:ts|js|json|json5|yml|tf|txt)$|^\.ci\//.test(path))
  .filter((path) => path !== 'package-lock.json' && !path.startsWith('tests/unit/docs/'))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

const wordsOf = (text: string) => text.match(/[\p{L}_]\w*/gu) ?? [];
const WORDS = new Set(SOURCES.flatMap(({ text }) => wordsOf(text)));
for (const name of Object.keys(GONE)) WORDS.delete(name);
/** Names of others, which no file here has: OCSF's attributes, AWS's names, what is filled in, and what was looked at for a decision. */
for (const name of [
  ...wordsOf('category_uid class_uid activity_id type_uid severity_id finding_info uid'),
  ...wordsOf('DETECTION_FINDING eventDay YYYYMMDD LimitExceededException DeletedTableBackup'),
  ...wordsOf('INTEGRATION_KEY LOOKUP vVERSION fromjson zod mini test_secrets_manager_delete'),
  ...wordsOf('tfvars HasSlackChannelOrHasEventBus PLUGIN_TYPESCRIPT_CONFLICT'),
]) {
  WORDS.add(name);
}
/** What tells of what was, and a page that tests/stack/permissions.test.ts holds to IAM's actions. */
const WITHOUT_NAMES = ['CHANGELOG.md', 'docs/permissions.md'];

const OPERATIONS = DOCUMENTS.find(({ file }) => file === 'docs/operations.md') as Document;

const channels = { ...COMPLETE, ...SLACK, organizationId: 'o-a1b2c3d4e5', eventBusName: 'default' };
const OUTPUTS = Object.keys(stack(checkSettings(channels, DEPLOYMENT), 'dev').template.Outputs);
const ALL_PARAMETERS = [...Object.keys(PARAMETERS), ...Object.keys(spokeTemplate().Parameters)];

const expectOneOf = (names: readonly string[], what: string, name: string) =>
  names.includes(name) ? [] : [`expected ${what}, got ${name}; there is ${names.join(', ')}`];

/** What is wrong with a file or folder that is named by as much of its path as tells it, with `*` or `<word>` for what differs. */
function faultsOfPath(path: string): string[] {
  const pattern = path
    .replace(/\/$/, '')
    .replaceAll('.', String.raw`\.`)
    .replaceAll(/\*+|<\w+>/g, '[^/]+');
  const named = new RegExp(`(?:^|/)${pattern}$`);
  const isMade = SOURCES.some(({ text }) => text.includes(`'${path}'`));
  const isThere = PATHS.some((one) => named.test(one)) || isMade;
  return isThere ? [] : [`expected a file or folder, got ${path}`];
}
const isPath = (code: string) =>
  /^[\w.<>*-]+(?:\/[\w.<>*-]*)*$/.test(code) &&
  (/\.(?:ts|js|md|json5?|ya?ml|gz|txt|svg|png|tf)$/.test(code) ||
    PATHS.includes(code.split('/')[0] ?? ''));

/** What is wrong with a code in prose or in a block. */
async function faultsOfCode({ code, isBlock }: Code, file: string): Promise<string[]> {
  if (isCommand(code)) return faultsOfCommand(code);
  if (isBlock) return [];
  const [first = '', ...others] = code.split(' ');
  if (/^--\w/.test(code)) return faultsOfLooseOptions(code);
  if (/^\w+ --\w/.test(code)) return faultsOfScript(first, others);
  if (/^[a-z]+[A-Z]?\w*=\S+$/.test(code)) return faultsOfSetting(code);
  const [, parameter] = /^([A-Z][a-z]+\w*)=/.exec(code) ?? [];
  const parameters = [...ALL_PARAMETERS, 'UsePreviousValue'];
  if (parameter) return expectOneOf(parameters, 'a parameter', parameter);
  if (WITHOUT_NAMES.includes(file)) return [];
  if (isPath(code)) return faultsOfPath(code);
  const unknown = wordsOf(code).filter((word) => !WORDS.has(word));
  return unknown.map((word) => `expected a name that stands in a source, got ${word}`);
}

/** What is wrong with what is said to be an output, and with the names in the first column of a table of settings or parameters. */
function faultsOfTables(document: Document): [number, string][] {
  let head = '';
  return [...linesOf(document)].flatMap(({ line, code, isBlock }): [number, string][] => {
    if (isBlock || code.startsWith('|-')) return [];
    const outputs = Array.from(
      code.matchAll(/\boutputs? `(\w+)`|`(\w+)` among the outputs/g),
      ([, one, other]) => one ?? other ?? '',
    ).flatMap((name) => expectOneOf(OUTPUTS, 'an output', name));
    const [, cell] = /^\| (.*?) \|/.exec(code) ?? [];
    head = cell === undefined ? '' : head || cell;
    const names = cell === undefined ? [] : spansOf(cell);
    const known = { setting: Object.keys(SETTINGS), parameter: ALL_PARAMETERS }[head] ?? names;
    const faults = names.flatMap((name) => expectOneOf(known, `a ${head}`, name));
    return [...outputs, ...faults].map((fault) => [line, fault]);
  });
}

/** @param target as it stands in a link of a document */
function faultsOfLink(target: string, document: Document): string[] {
  if (/^[a-z]+:/.test(target)) return URL.canParse(target) ? [] : [`expected a URL, got ${target}`];
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document.file : normalize(join(dirname(document.file), path));
  if (!existsSync(join(ROOT, file))) return [`expected a file or folder, got ${target}`];
  if (anchor === undefined) return [];
  const text = path === '' ? document.text : readFileSync(join(ROOT, file), 'utf8');
  return expectOneOf(anchorsOf({ file, text }), `a heading of ${file}`, anchor);
}

async function faultsOf(document: Document): Promise<string[]> {
  const codes = await Promise.all(
    codesOf(document).map(async (code) =>
      (await faultsOfCode(code, document.file)).map((fault) => [code.line, fault] as const),
    ),
  );
  const links = linksOf(document).flatMap(({ line, code }) =>
    faultsOfLink(code, document).map((fault) => [line, fault] as const),
  );
  return [...codes.flat(), ...faultsOfTables(document), ...links].map(
    ([line, fault]) => `${document.file}:${line}: ${fault}`,
  );
}

test.each(DOCUMENTS)('all that $file names is there, and takes it', async (document) => {
  expect(await faultsOf(document)).toEqual([]);
});

test.each(['doctor', 'drill', 'status', 'readers', 'mute', 'preview', 'replay', 'spoke'])(
  'the section of docs/operations.md on %s names each of its options',
  async (script) => {
    const synopsis = new RegExp(`^npm run -s ${script} -- .*\\[`, 'm');
    const section = OPERATIONS.text.split(/^## /m).find((text) => synopsis.test(text));
    const named: readonly string[] = section?.match(/--[a-z-]+/g) ?? [];
    const options = (await commandOf(script))?.options.map(({ long = '' }) => long) ?? [];
    expect(options).not.toEqual([]);
    expect(options.filter((option) => !named.includes(option))).toEqual([]);
  },
);

test('each kind of fault is found, and said where', async () => {
  const text = [
    'Run `npm run stauts`, `npm run drill --path name`, `npm run drill -- --path event|tail`,',
    '`npm run -s status -- --shrot`, `npm run demo -- --fast`, `npm run unit -- --covrage tests/unit/mail`,',
    '`npx serverles deploy`, `npx serverless deploy --stag dev --param="alertMails=a@b.de" --param="trailPath=some"`,',
    '`aws cloudtrail describe-trial`, `aws sns subscribe --topic-arn TOPIC --protcol email`, `.ci/rnu`,',
    '`terraform -chdir=examples/terraform apply -var relaese=x`, `doctor --spok`, `--all-acounts`,',
    '`maxMailsPerHuor=5`, `maxMailsPerHour=5`, `quietWindowMinutes`, `RestorMode=all`, `stack/plugins.ts`, `tests/e2e/scenario/`,',
    'the output `AlertTopic`, [a page](setings.md), [a heading](settings.md#wich), [a host](https:///).',
    '',
    '| setting | default |',
    '|---|---|',
    '| `ownerTags` | |',
    '```',
    'aws cloudformation deploy --template-file examples/filter-policies.yml --stack-name a --parameter-overrides \\',
    '  Onwer=payments',
    '```',
  ].join('\n');
  const faults = await faultsOf({ file: 'docs/page.md', text });
  const short = faults.map((fault) => fault.replace(/; there is .+/, '; there is …'));
  expect(short).toMatchInlineSnapshot(`
[
  "docs/page.md:1: expected a script, got stauts; there is …",
  "docs/page.md:1: expected -- before the options of drill, got --path",
  "docs/page.md:1: --path tail: Allowed choices are event, trail, alarm, name, all, both.",
  "docs/page.md:2: expected an option of status, got --shrot; there is …",
  "docs/page.md:2: expected an option of demo, got --fast; there is …",
  "docs/page.md:2: expected tests, got tests/unit/mail",
  "docs/page.md:2: Unrecognized option "covrage". Did you mean "coverage"?",
  "docs/page.md:3: expected a package of package.json, got npx serverles",
  "docs/page.md:3: expected an option of deploy, got --stag; there is …",
  "docs/page.md:3: expected a setting, got alertMails; there is …",
  "docs/page.md:3: expected trailPath to be all or off, got some",
  "docs/page.md:4: expected an operation of AWS, got cloudtrail describe-trial",
  "docs/page.md:4: expected --protocol of sns subscribe, got none",
  "docs/page.md:4: sns subscribe: expected an option, got --protcol; there is …",
  "docs/page.md:4: expected a file or folder, got .ci/rnu",
  "docs/page.md:5: expected a variable of examples/terraform, got relaese",
  "docs/page.md:5: expected an option of doctor, got --spok; there is …",
  "docs/page.md:5: expected options of a command, got --all-acounts",
  "docs/page.md:6: expected a setting, got maxMailsPerHuor; there is …",
  "docs/page.md:6: expected maxMailsPerHour to be a whole number from 10 to 200, got 5",
  "docs/page.md:6: expected a name that stands in a source, got quietWindowMinutes",
  "docs/page.md:6: expected a parameter, got RestorMode; there is …",
  "docs/page.md:6: expected a file or folder, got stack/plugins.ts",
  "docs/page.md:6: expected a file or folder, got tests/e2e/scenario/",
  "docs/page.md:11: expected a name that stands in a source, got ownerTags",
  "docs/page.md:14: expected a parameter of examples/filter-policies.yml, got Onwer; there is …",
  "docs/page.md:7: expected an output, got AlertTopic; there is …",
  "docs/page.md:11: expected a setting, got ownerTags; there is …",
  "docs/page.md:7: expected a file or folder, got setings.md",
  "docs/page.md:7: expected a heading of docs/settings.md, got wich; there is …",
  "docs/page.md:7: expected a URL, got https:///",
]
`);
});

test('what messages and comments refer to in a document is there', () => {
  const references = SOURCES.flatMap(({ file, text }) =>
    Array.from(
      text.matchAll(/(?<![\w./-])(?:[A-Z]+|(?:docs|examples)\/[\w/-]+)\.md(?:#[\w-]+)?/g),
      ([target]) =>
        faultsOfLink(target, { file: 'README.md', text: '' }).map((fault) => `${file}: ${fault}`),
    ).flat(),
  );
  expect(references).toEqual([]);
});

test('the README has at most 130 lines', () => {
  const lines = DOCUMENTS.find(({ file }) => file === 'README.md')
    ?.text.trimEnd()
    .split('\n');
  expect(lines?.length).toBeLessThanOrEqual(130);
});
