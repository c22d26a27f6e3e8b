import { closest, distance } from 'fastest-levenshtein';
import { partitionOf } from '../lib/cloudtrail/secret-id.ts';
import { hubPath, SPOKE_PATH } from './names.ts';
import { AWS_METRIC, GONE, hasChat, readsLogGroup, SETTINGS, type Settings } from './settings.ts';

/** Settings as given: text from the command line; text, booleans and numbers from YAML. */
export type RawSettings = Record<string, unknown>;

type Texts = Record<keyof Settings, string>;

/** What the stack is deployed as, besides its settings. */
export type Deployment = {
  stage: string;
  region: string;
  /** The names of the functions in Lambda; the stage is a part of each. */
  functionNames: string[];
};

/** Lists all faults of the settings, one line each; what there is to choose from follows in lines of its own. */
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
 * Checks the settings and parses them; a missing one gets its default of {@link SETTINGS}.
 *
 * @throws {SettingsError} with the setting, what was expected and what came, for each fault
 */
export function checkSettings(
  raw: RawSettings,
  { stage, region, functionNames }: Deployment,
): Settings {
  const texts = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => {
      const given = raw[name] === undefined ? setting.default : (raw[name] ?? '');
      return [name, String(given).trim()];
    }),
  ) as Texts;

  const faults = [
    ...goneNames(raw),
    ...unknownNames(raw),
    ...faultyValues(texts),
    ...wrongRegions(texts, region),
    ...wrongCombinations(texts),
    ...wrongChat(texts, region),
    ...longNames(functionNames),
    ...pathOfSpokes(texts, stage),
  ];
  if (faults.length > 0) throw new SettingsError(faults);

  const settings = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, { read }]) => [name, read(texts[name as keyof Settings])]),
  ) as Settings;
  return { ...settings, metricName: settings.metricName || metricOf(settings.alarmName) };
}

const OF_THE_ALARM = ['alarmMails', 'alarmName', 'metricName', 'metricNamespace'] as const;

/**
 * Names in one line what was set, to another value than its default, and has no effect beside the other settings; `undefined` if
 * all has. No fault, because stages may share settings.
 */
export function withoutEffect(raw: RawSettings, settings: Settings): string | undefined {
  const given = (names: readonly (keyof Settings)[], why: string) => {
    const set = names.filter(
      (name) =>
        String(raw[name] ?? '').trim() !== '' && String(raw[name]) !== SETTINGS[name].default,
    );
    return set.length > 0 ? [`${list(set)} (${why})`] : [];
  };
  const idle = [
    ...(settings.classicAlarm ? [] : given(OF_THE_ALARM, 'classicAlarm=false')),
    ...(readsLogGroup(settings)
      ? []
      : given(['cloudTrailLogGroup'], 'trailPath=off with classicAlarm=false')),
    ...(hasChat(settings) ? [] : given(['chatButtons', 'maxChatMessagesPerHour'], 'no chat')),
    ...(settings.chatTopicArn ? given(['chatButtons'], 'chatTopicArn') : []),
  ];
  return idle.length > 0 ? `Given, but without effect: ${idle.join('; ')}.` : undefined;
}

/** Says that the trail of the stack gives the spokes of other accounts nothing; `undefined` if it makes none, or is no hub. */
export const trailOfHubAlone = ({ createTrail, organizationId }: Settings): string | undefined =>
  createTrail && organizationId
    ? "The trail of `createTrail=true` logs this account alone. A spoke in another account hears reads only if a trail there logs read management events, as an organization's trail does in all accounts."
    : undefined;

/**
 * An alarm of another name than AWS's is the second in its Region. It gets its own metric, so that attempts that the
 * first one's filter counts are not counted twice.
 */
const metricOf = (alarmName: string) =>
  alarmName === SETTINGS.alarmName.default ? AWS_METRIC : alarmName.replace(/[:*$]/g, '-');

/** How many letters of a name may differ for a suggestion. */
const MAX_DISTANCE = 4;

const isGone = (name: string): name is keyof typeof GONE => Object.hasOwn(GONE, name);

/** A setting of an earlier version is refused: ignored, it would leave its owner to believe in it. */
const goneNames = (raw: RawSettings): string[] =>
  Object.keys(raw)
    .filter(isGone)
    .map((name) => `\`${name}\` is gone: ${GONE[name]}`);

function unknownNames(raw: RawSettings): string[] {
  const known = Object.keys(SETTINGS);
  return Object.keys(raw)
    .filter((name) => !known.includes(name) && !isGone(name))
    .map((name) => {
      const meant = closest(name.toLowerCase(), known);
      const next =
        distance(name.toLowerCase(), meant.toLowerCase()) <= MAX_DISTANCE
          ? `did you mean \`${meant}\`?`
          : `the settings are ${known.join(', ')}`;
      return `Expected the name of a setting, got \`${name}\`: ${next}`;
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

/** Spokes trust the hub's roles by their path. By that of the spokes' own roles they would trust each of these in the hub's account. */
function pathOfSpokes({ organizationId }: Texts, stage: string): string[] {
  if (organizationId === '' || hubPath(stage) !== SPOKE_PATH) return [];
  return [
    `Expected a stage other than \`${stage}\` with \`organizationId\`: the roles of such a hub would have the path of its spokes' roles, ${SPOKE_PATH}, by which these know the hub`,
  ];
}

function faultyValues(texts: Texts): string[] {
  return Object.entries(SETTINGS).flatMap(([name, setting]) => {
    const text = texts[name as keyof Settings];
    const isFine = text === '' ? setting.default === '' : setting.accepts(text);
    return isFine ? [] : [`Expected \`${name}\` to be ${setting.expected}, got ${quote(text)}`];
  });
}

/** An alarm or a client of SNS can only publish to a topic of its own Region, and a topic can only use a key of its own. */
function wrongRegions(texts: Texts, region: string): string[] {
  return (['alertTopicArn', 'chatTopicArn', 'kmsKeyArn'] as const).flatMap((name) => {
    const text = texts[name];
    const isElsewhere = SETTINGS[name].accepts(text) && text.split(':')[3] !== region;
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
    ...wrongLogGroup(texts),
    ...unquotableName(texts),
  ];
}

/**
 * The rule of a composite alarm names another alarm in quotes, and how to write one within them is not documented.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
function unquotableName({ alarmName, alarmMails, classicAlarm, trailPath }: Texts): string[] {
  const isNamed = classicAlarm !== 'false' && trailPath !== 'off' && alarmMails !== 'always';
  if (!isNamed || !alarmName.includes('"')) return [];
  return [
    `Expected \`alarmName\` to be without quotes, or \`alarmMails=always\`, got ${quote(alarmName)}`,
  ];
}

/** What names a chat: all settings of one of these, and none of the others. */
const CHATS = {
  Slack: ['slackWorkspaceId', 'slackChannelId'],
  'Microsoft Teams': ['teamsTenantId', 'teamId', 'teamsChannelId'],
  'a topic': ['chatTopicArn'],
} as const satisfies Record<string, readonly (keyof Settings)[]>;

function wrongChat(texts: Texts, region: string): string[] {
  const isGiven = (name: keyof Settings) => texts[name] !== '';
  const begun = Object.entries(CHATS).filter(([, names]) => names.some(isGiven));
  const several = begun.map(([chat, names]) => `${chat} (${list(names.filter(isGiven))})`);
  const missing = begun.flatMap(([, names]) =>
    names
      .filter((name) => !isGiven(name))
      .map((name) => {
        const given = list(names.filter(isGiven));
        return `Expected \`${name}\` to be ${SETTINGS[name].expected}, as ${given} names its chat, got nothing`;
      }),
  );
  return [
    ...(several.length > 1 ? [`Expected at most one chat, got ${several.join(' and ')}`] : []),
    ...missing,
    ...chatElsewhere(texts, region),
    ...chatByMail(texts),
  ];
}

/** https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-regions.html */
function chatElsewhere(texts: Texts, region: string): string[] {
  const partition = partitionOf(region);
  const given = [...CHATS.Slack, ...CHATS['Microsoft Teams']].filter((name) => texts[name] !== '');
  if (partition === 'aws' || given.length === 0) return [];
  return [
    `Expected ${list(given)} to be left out in ${region}: there is no Amazon Q Developer in chat applications in the partition ${partition}. Set \`chatTopicArn\` to a topic that something else brings to a chat, or \`eventBusName\``,
  ];
}

function chatByMail({ alertTopicArn, chatTopicArn }: Texts): string[] {
  if (chatTopicArn === '' || chatTopicArn !== alertTopicArn) return [];
  return [
    `Expected \`chatTopicArn\` to be another topic than \`alertTopicArn\`, whose e-mail subscribers would see JSON, got ${quote(chatTopicArn)}`,
  ];
}

const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

/** The log group of the trail, which is needed unless nothing uses it. */
function wrongLogGroup(texts: Texts): string[] {
  const names = ['createTrail', 'trailPath', 'classicAlarm'] as const;
  if (!names.every((name) => SETTINGS[name].accepts(texts[name]))) return [];
  const given = {
    '`cloudTrailLogGroup`': texts.cloudTrailLogGroup !== '',
    '`createTrail=true`': SETTINGS.createTrail.read(texts.createTrail),
  };
  const isOfUse = readsLogGroup({
    trailPath: SETTINGS.trailPath.read(texts.trailPath),
    classicAlarm: SETTINGS.classicAlarm.read(texts.classicAlarm),
  });
  const isNoneGiven = !Object.values(given).some(Boolean);
  if (isNoneGiven && !isOfUse) return [];
  return exactlyOne(given).map((fault) => (isNoneGiven ? `${fault}. ${LOG_GROUP_CHOICES}` : fault));
}

/** What to set, by the trail there is. */
export const LOG_GROUP_CHOICES = `Which of these?
  cloudTrailLogGroup=NAME: a trail delivers to a log group of this account and Region
  createTrail=true: there is no trail yet; beside another it is a second one, which AWS bills
  trailPath=off with classicAlarm=false: the only trail is an organization's, its log group in another account; \
the rule then hears this account and Region only
  docs/deploy.md#which-deployment says what each of them hears`;

function exactlyOne(given: Record<string, boolean>): string[] {
  const count = Object.values(given).filter(Boolean).length;
  if (count === 1) return [];
  const names = Object.keys(given).join(' and ');
  return [`Expected exactly one of ${names} to be set, got ${count === 0 ? 'neither' : 'both'}`];
}

const quote = (text: string) => (text === '' ? 'nothing' : JSON.stringify(text));
