import type { FunctionKey } from '../lib/settings.ts';
import { hasButtons, hasChat, type Settings } from './settings.ts';

/** The service of serverless.yml, and the namespace of the metrics that its functions write. */
export const SERVICE = 'deleted-secret-notifier';

/** The framework's name for the stack of a stage. */
export const stackNameOf = (stage: string) => `${SERVICE}-${stage}`;

/** The hub's event bus, which is called like the stack: from its ARN a spoke knows where the hub is, and its stage. */
export const HUB_BUS = 'HubBus';
/** The role by which the commands look into spokes. */
export const OPERATOR_ROLE = 'OperatorRole';
/** The name of the commands' sessions in a spoke's role; that of a function's is its key. Only `notify` may restore there. */
export const OPERATOR_SESSION = 'operator';

/** The path of the hub's roles that may look into spokes: what these trust. */
export const hubPath = (stage: string) => `/${SERVICE}/${stage}/`;
/** The path of the spokes' lookup roles. */
export const SPOKE_PATH = `/${SERVICE}/spoke/`;

/**
 * What a spoke's parts are called, the same in each account and Region; the role's name holds the Region, because a
 * role's is unique in its account.
 * @param stage that of the hub
 */
export function spokeNames(stage: string) {
  const hub = stackNameOf(stage);
  return {
    attemptRule: `${hub}-spoke-attempts`,
    readRule: `${hub}-spoke-reads`,
    changeRule: `${hub}-spoke-changes`,
    clashRule: `${hub}-spoke-clashes`,
    deadLetterQueue: `${hub}-spoke-dead-letters`,
    deadLettersAlarm: `${hub}-spoke-DeadLetters`,
    lookupRole: (region: string) => `${hub}-${region}`,
    stackSet: `${hub}-spoke`,
  };
}

/** The ARN of the lookup role of a spoke. @param stage that of the hub */
export const lookupRoleArn = (
  stage: string,
  { partition, accountId, region }: { partition: string; accountId: string; region: string },
) => `arn:${partition}:iam::${accountId}:role${SPOKE_PATH}${spokeNames(stage).lookupRole(region)}`;

/** The names of a function and of its resources in the template. */
export type FunctionNames = ReturnType<typeof functionNames>;

/** Those of a function that a rule of EventBridge starts. */
export type RuleFunctionNames = ReturnType<typeof ruleFunctionNames> & {
  /** What the rule sends to instead of the function, which then takes from there. */
  readonly queue?: string;
};

/** @param key the function's key in serverless.yml, from which osls derives three of the logical ids */
function functionNames(key: FunctionKey) {
  const prefix = key.charAt(0).toUpperCase() + key.slice(1);
  return {
    key,
    prefix,
    function: `${prefix}LambdaFunction`,
    logGroup: `${prefix}LogGroup`,
    role: `${prefix}Role`,
    permission: `${prefix}Permission`,
    /** How Lambda tries its events again, and where it keeps those that fail. */
    invocations: `${prefix}LambdaEvConf`,
  };
}

function ruleFunctionNames(key: FunctionKey) {
  const names = functionNames(key);
  return { ...names, rule: `${names.prefix}Rule` };
}

export const NOTIFY = ruleFunctionNames('notify');
export const TRACK_DELETION = ruleFunctionNames('trackDeletion');
export const SUMMARIZE = ruleFunctionNames('summarize');
export const RULE_FUNCTIONS = [NOTIFY, TRACK_DELETION, SUMMARIZE];

/** The names of `trackDeletion` with those of its second rule, on creations that fail. */
export const TRACK_CLASHES = besides(TRACK_DELETION, 'Clash');

function besides(names: RuleFunctionNames, what: string): RuleFunctionNames {
  const prefix = `${names.prefix}${what}`;
  return { ...names, prefix, rule: `${prefix}Rule`, permission: `${prefix}Permission` };
}

/** What tells reads of secrets that are gone from those of names that never were. */
export const SIFT_READS = {
  ...ruleFunctionNames('siftReads'),
  /** What holds those reads until the deletions of their secrets are known for certain. */
  queue: 'SiftReadsQueue',
  /** What hands them from the queue to the function. */
  mapping: 'SiftReadsMapping',
};
export const READS_QUEUE = SIFT_READS.queue;

/** The names of a function with those of a rule that it has on the hub's bus too. */
export type HubFunctionNames = ReturnType<typeof onHubBus>;

function onHubBus(names: RuleFunctionNames, picks: string) {
  const prefix = `${names.prefix}Hub`;
  return {
    ...names,
    prefix,
    rule: `${prefix}Rule`,
    permission: `${prefix}Permission`,
    // A name of its own, because of a rule on such a bus `Ref` is not the name, but BUS|NAME:
    // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1131
    ruleName: (stage: string) => `${stackNameOf(stage)}-hub-${picks}`,
  };
}

export const NOTIFY_HUB = onHubBus(NOTIFY, 'attempts');
export const SIFT_READS_HUB = onHubBus(SIFT_READS, 'reads');
export const TRACK_DELETION_HUB = onHubBus(TRACK_DELETION, 'changes');
export const TRACK_CLASHES_HUB = onHubBus(TRACK_CLASHES, 'clashes');

type RuleSettings = Pick<Settings, 'organizationId' | 'watchGoneSecrets' | 'watchNameClashes'>;

/** The rules that there are, each with the names of its function: those on the default bus, and those on the hub's. */
export const rulesOf = (settings: RuleSettings): (RuleFunctionNames | HubFunctionNames)[] => {
  const { organizationId, watchGoneSecrets, watchNameClashes } = settings;
  return [
    ...RULE_FUNCTIONS,
    ...(watchNameClashes ? [TRACK_CLASHES] : []),
    ...(watchGoneSecrets ? [SIFT_READS] : []),
    ...(organizationId ? hubRulesOf(settings) : []),
  ];
};

/** The rules on the hub's bus, if there is one. */
export const hubRulesOf = ({
  watchGoneSecrets,
  watchNameClashes,
}: Omit<RuleSettings, 'organizationId'>): HubFunctionNames[] => [
  NOTIFY_HUB,
  TRACK_DELETION_HUB,
  ...(watchNameClashes ? [TRACK_CLASHES_HUB] : []),
  ...(watchGoneSecrets ? [SIFT_READS_HUB] : []),
];

export const READ_TRAIL = functionNames('readTrail');
/** What hands it the records of the trail's log group. */
export const SUBSCRIPTION_FILTER = `${READ_TRAIL.prefix}SubscriptionFilter`;

/** The functions of the channels beside the mail. */
export const CHAT = functionNames('chat');
export const BUS = functionNames('bus');
/** What two of the chat's buttons call. */
export const BUTTONS = functionNames('buttons');

type ChannelSettings = Pick<
  Settings,
  'slackChannelId' | 'teamsChannelId' | 'chatTopicArn' | 'chatButtons' | 'eventBusName'
>;

/** The functions of the channels beside the mail that there are. */
export const channelsOf = (settings: Omit<ChannelSettings, 'chatButtons'>): FunctionNames[] => [
  ...(hasChat(settings) ? [CHAT] : []),
  ...(settings.eventBusName ? [BUS] : []),
];

/** All functions of the stack. */
export const functionsOf = (
  settings: ChannelSettings & Pick<Settings, 'trailPath' | 'watchGoneSecrets'>,
): FunctionNames[] => [
  ...RULE_FUNCTIONS,
  ...(settings.watchGoneSecrets ? [SIFT_READS] : []),
  ...(settings.trailPath === 'off' ? [] : [READ_TRAIL]),
  ...channelsOf(settings),
  ...(hasButtons(settings) ? [BUTTONS] : []),
];
