import { closest, distance } from 'fastest-levenshtein';
import { FIELDS } from './setting-fields.ts';

/** The service's settings, checked and normalised. What each means: serverless.yml. */
export type Settings = {
  /** Empty if `alertTopicArn` is set. */
  alertEmails: string[];
  alertTopicArn: string | undefined;
  kmsKeyArn: string | undefined;
  /** Undefined if `createTrail` is true. */
  cloudTrailLogGroup: string | undefined;
  createTrail: boolean;
  autoCancelDeletion: 'off' | 'tagged' | 'all';
  announceDeletions: boolean;
  quietWindowMinutes: number;
  summaryEveryMinutes: number;
  /** Of all messages, summaries included. */
  maxAlertsPerMinute: number;
  /** Patterns of callers' ARNs, in which `*` stands for any characters. */
  ignoredCallers: string[];
  ownerTagKeys: string[];
  replacementTagKeys: string[];
  metricNamespace: string;
  metricName: string;
  alarmName: string;
  dashboard: boolean;
  logRetentionDays: number;
};

/** Settings as they come: text from the command line; text, booleans and numbers from YAML. */
export type RawSettings = Record<string, unknown>;

type Texts = Record<keyof Settings, string>;

/** What the stack is deployed as, besides its settings. */
export type Deployment = {
  region: string;
  /** What Lambda will know the functions as; the stage is a part of each. */
  functionNames: string[];
};

/** Tells every fault of the settings at once, one line each. */
export class SettingsError extends Error {
  readonly code = 'FAULTY_SETTINGS';
  readonly faults: string[];

  constructor(faults: string[]) {
    super(faults.join('\n'));
    this.name = 'SettingsError';
    this.faults = faults;
  }
}

/**
 * Checks the settings and brings them into one form.
 *
 * @throws {SettingsError} naming, for each fault, the setting, what was expected and what came
 */
export function readSettings(raw: RawSettings, { region, functionNames }: Deployment): Settings {
  const texts = Object.fromEntries(
    Object.keys(FIELDS).map((name) => [name, String(raw[name] ?? '').trim()]),
  ) as Texts;

  const faults = [
    ...unknownNames(raw),
    ...faultyValues(texts),
    ...wrongRegions(texts, region),
    ...wrongCombinations(texts),
    ...longNames(functionNames),
  ];
  if (faults.length > 0) throw new SettingsError(faults);

  const settings = Object.fromEntries(
    Object.entries(FIELDS).map(([name, field]) => [
      name,
      field.read(texts[name as keyof Settings]),
    ]),
  ) as Settings;
  return { ...settings, metricName: settings.metricName || metricOf(settings.alarmName) };
}

/** The names of AWS's own guide. */
const AWS_METRIC = 'AttemptsToAccessDeletedSecrets';
const AWS_ALARM = `${AWS_METRIC}Alarm`;

/**
 * An alarm of another name than AWS's is the second in its Region. With a metric of its own the attempts that the
 * first one's filter counts do not count twice.
 */
const metricOf = (alarmName: string) =>
  alarmName === AWS_ALARM ? AWS_METRIC : alarmName.replace(/[:*$]/g, '-');

/** How many letters of a name may be wrong for it to be taken for a slip. */
const MAX_SLIP = 4;

function unknownNames(raw: RawSettings): string[] {
  const known = Object.keys(FIELDS);
  return Object.keys(raw)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = closest(name.toLowerCase(), known);
      const hint =
        distance(name.toLowerCase(), meant.toLowerCase()) <= MAX_SLIP
          ? `did you mean \`${meant}\`?`
          : `the settings are ${known.join(', ')}`;
      return `Expected the name of a setting, got \`${name}\`: ${hint}`;
    });
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const MAX_FUNCTION_NAME = 64;

function longNames(functionNames: string[]): string[] {
  const longest = Math.max(0, ...functionNames.map(({ length }) => length));
  const excess = longest - MAX_FUNCTION_NAME;
  if (excess <= 0) return [];
  const name = functionNames.find(({ length }) => length === longest);
  return [
    `Expected the name of each function to be at most ${MAX_FUNCTION_NAME} characters, got \`${name}\`: take a stage that is ${excess} characters shorter`,
  ];
}

function faultyValues(texts: Texts): string[] {
  return Object.entries(FIELDS).flatMap(([name, field]) => {
    const text = texts[name as keyof Settings];
    const isFine = text === '' ? field.optional : field.accepts(text);
    return isFine ? [] : [`Expected \`${name}\` to be ${field.expected}, got ${quote(text)}`];
  });
}

/** An alarm can only tell a topic of its own Region, and a topic only use a key of its own. */
function wrongRegions(texts: Texts, region: string): string[] {
  return (['alertTopicArn', 'kmsKeyArn'] as const).flatMap((name) => {
    const text = texts[name];
    const isElsewhere = FIELDS[name].accepts(text) && text.split(':')[3] !== region;
    return isElsewhere
      ? [`Expected \`${name}\` to be in the deployment's Region ${region}, got ${quote(text)}`]
      : [];
  });
}

function wrongCombinations(texts: Texts): string[] {
  const isGiven = (name: keyof Settings) => texts[name] !== '';
  return [
    ...exactlyOne({
      '`alertEmails`': isGiven('alertEmails'),
      '`alertTopicArn`': isGiven('alertTopicArn'),
    }),
    ...(FIELDS.createTrail.accepts(texts.createTrail)
      ? exactlyOne({
          '`cloudTrailLogGroup`': isGiven('cloudTrailLogGroup'),
          '`createTrail=true`': FIELDS.createTrail.read(texts.createTrail),
        })
      : []),
  ];
}

function exactlyOne(given: Record<string, boolean>): string[] {
  const count = Object.values(given).filter(Boolean).length;
  if (count === 1) return [];
  const names = Object.keys(given).join(' and ');
  return [`Expected exactly one of ${names} to be set, got ${count === 0 ? 'neither' : 'both'}`];
}

const quote = (text: string) => (text === '' ? 'nothing' : JSON.stringify(text));
