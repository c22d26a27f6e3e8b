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
 * @param region that the stack is deployed to
 * @throws {SettingsError} naming, for each fault, the setting, what was expected and what came
 */
export function readSettings(raw: RawSettings, region: string): Settings {
  const texts = Object.fromEntries(
    Object.keys(FIELDS).map((name) => [name, String(raw[name] ?? '').trim()]),
  ) as Texts;

  const faults = [
    ...unknownNames(raw),
    ...faultyValues(texts),
    ...wrongRegions(texts, region),
    ...wrongCombinations(texts),
  ];
  if (faults.length > 0) throw new SettingsError(faults);

  return Object.fromEntries(
    Object.entries(FIELDS).map(([name, field]) => [
      name,
      field.read(texts[name as keyof Settings]),
    ]),
  ) as Settings;
}

function unknownNames(raw: RawSettings): string[] {
  const known = Object.keys(FIELDS);
  return Object.keys(raw)
    .filter((name) => !known.includes(name))
    .map((name) => `Expected the name of a setting (${known.join(', ')}), got \`${name}\``);
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
