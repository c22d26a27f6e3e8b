import * as v from 'valibot';
import { TOOLS } from '../../cloudtrail/tool.ts';
import { MAX_CALLERS, MAX_SOURCES } from '../incident-notice.ts';

/** What all events of this service have as their source. */
export const SOURCE = 'deleted-secret-notifier';

/**
 * How long a text of an event may be, in UTF-16 units, and a list, in items. With them an event stays far below the 256 KB
 * that older queues and topics take; EventBridge itself takes 1 MB.
 * Source: https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb
 */
export const MAX_ID = 640; // the longest ARN, of a role with a path, has 607
export const MAX_NAME = 256;
/** Of an address or a session, of which a caller has several. */
export const MAX_SOURCE = 128;
export const MAX_SENTENCE = 512;
/** A summary is to fit the title of a Jira issue, which takes 255 characters. */
export const MAX_SUMMARY = 250;
/** Of each dot in a name `quoted` makes three characters; no command is ever cut. */
const MAX_COMMAND = 2048;
export const MAX_TAGS = 5;
export const MAX_MUTED = 10;
/** More than AWS has Regions, and longer than any of their names. */
export const MAX_REPLICAS = 50;
export const MAX_REGION = 32;

const text = (max: number, description: string) =>
  v.pipe(v.string(), v.maxLength(max), v.description(description));
const time = (description: string) =>
  v.pipe(v.string(), v.isoTimestamp(), v.maxLength(30), v.description(description));
const count = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));
const flag = (description: string) => v.pipe(v.boolean(), v.description(description));
const oneOf = <const Values extends readonly string[]>(values: Values, description: string) =>
  v.pipe(v.picklist(values), v.description(description));
const list = <Item extends v.GenericSchema>(item: Item, max: number, description: string) =>
  v.pipe(v.array(item), v.maxLength(max), v.description(description));
const object = <Entries extends v.ObjectEntries>(entries: Entries, description: string) =>
  v.pipe(v.object(entries), v.description(description));

const account = (of: string) => v.optional(text(MAX_NAME, `The account of ${of}, if known.`));
const sentence = (description: string) => v.optional(text(MAX_SENTENCE, description));

const identity = (description: string) =>
  object(
    {
      key: text(
        MAX_ID,
        'What identifies the caller: of a role its ARN, whatever the session; of a person in IAM Identity Center the ARN of the session; else the ARN or the id of the identity.',
      ),
      name: text(MAX_NAME, 'A name to show, such as `role app-server`.'),
      account: account('the caller'),
      session: v.optional(text(MAX_NAME, 'What tells apart those who share the key.')),
      issuer: v.optional(text(MAX_ID, "The ARN of who issued a person's session.")),
    },
    description,
  );

const tags = (description: string) =>
  list(
    v.object({ tag: text(MAX_NAME, 'The key.'), value: text(MAX_NAME, 'The value.') }),
    MAX_TAGS,
    description,
  );

const secret = object(
  {
    label: text(
      MAX_NAME,
      'What to show as the secret: its name, else its id, without quotes and backslashes. Always there.',
    ),
    arn: v.optional(text(MAX_ID, 'The complete ARN, if known.')),
    name: v.optional(text(MAX_ID, 'The name, if known.')),
    id: v.optional(text(MAX_ID, 'The complete ARN if known, else the id that the caller sent.')),
    account: account('the owner'),
    region: v.optional(text(MAX_NAME, 'The Region of the secret, if known.')),
    partition: text(MAX_NAME, 'The partition, such as `aws`.'),
    owners: tags('What the tags that name owners say.'),
    replacedBy: tags('What the tags that name a replacement say.'),
    managedBy: v.optional(
      text(
        MAX_NAME,
        'The AWS service that manages the secret, and may refuse to have it restored.',
      ),
    ),
    lastUsed: v.optional(
      text(
        MAX_NAME,
        'Of `announced`: the day in UTC on which it was last read, such as 2026-11-20.',
      ),
    ),
    replicas: v.optional(
      list(text(MAX_REGION, 'A Region.'), MAX_REPLICAS, 'The Regions that hold a replica of it.'),
    ),
    replicaOf: v.optional(
      text(MAX_REGION, 'The Region of the primary secret, if this is, or was, a replica of it.'),
    ),
    isElsewhere: flag('Whether it is in another account or Region than the stack.'),
    notLookedUp: sentence('Why nobody could look the secret up where it is, as a sentence.'),
  },
  'The secret, as far as anything named it.',
);

const deletion = object(
  {
    state: oneOf(
      ['pending', 'restored', 'gone', 'not-looked-up'],
      'How the secret stands, after what `action` did: scheduled for deletion; not, any more; deleted for good; or nobody had the time to find out. `restored` and `gone` end the incident, whatever the kind of the event.',
    ),
    certainty: v.optional(
      oneOf(
        ['exact', 'estimated', 'unknown'],
        'Of `pending`: how sure its end is. `exact` has `date`; `estimated` has `earliest` and `latest`; `unknown` has `latest`.',
      ),
    ),
    date: v.optional(time('When the recovery window ends.')),
    earliest: v.optional(time('When it ends at the earliest.')),
    latest: v.optional(time('When it ends at the latest.')),
    reason: sentence('Why the date is not exact, as a sentence.'),
    windowDays: v.optional(count('The recovery window in days; 0 if the deletion had none.')),
    scheduledBy: v.optional(
      identity('Who scheduled the deletion, deleted the secret at once, or removed the replica.'),
    ),
    scheduledAt: v.optional(time('When.')),
    scheduledFrom: v.optional(text(MAX_NAME, 'The address, or the AWS service, it came from.')),
    restoredBy: v.optional(identity('Who cancelled the deletion.')),
    restoredAt: v.optional(time('When.')),
    restoredFrom: v.optional(text(MAX_NAME, 'The address, or the AWS service, it came from.')),
    madeAnewAt: v.optional(time('Of `gone`: when another secret was made under the name.')),
  },
  'How the deletion stands.',
);

const caller = v.object({
  key: text(MAX_ID, 'What identifies the caller, as in `attempt.caller`.'),
  name: text(MAX_NAME, 'A name to show, such as `role app-server`.'),
  isNew: flag(
    'Whether no mail before has named the caller for this secret; an event may have: `Incident Opened` and `Incident Caller Added` come even if the budget of mails defers the alert.',
  ),
  attempts: count('Attempts that this event reports of the caller.'),
  first: time('The first of them.'),
  last: time('The last of them.'),
  addresses: list(text(MAX_SOURCE, 'An address.'), MAX_SOURCES, 'Some addresses they came from.'),
  sessions: list(text(MAX_SOURCE, 'A session.'), MAX_SOURCES, 'Some sessions of the caller.'),
});

/** The detail of an event, version 1: what consumers may rely on. docs/notice-event.schema.json is made from it. */
export const detailSchema = v.pipe(
  v.object({
    version: v.pipe(
      v.literal('1'),
      v.description(
        'Changes when a field is removed or means something else, not when one is added.',
      ),
    ),
    idempotencyKey: text(
      MAX_NAME,
      'The same in every delivery of the same news, and in no other event.',
    ),
    incident: text(
      MAX_NAME,
      'The same in all events of an incident, and in those of no other. An announcement is one of its own.',
    ),
    kind: oneOf(
      ['opened', 'caller', 'digest', 'last-call', 'over', 'resolved', 'gone', 'announced', 'clash'],
      'What is reported; it goes with the detail-type. A `gone` with an `attempt` is the first read by a caller of a secret that was gone already; without one it is the end of a secret that had been read.',
    ),
    severity: oneOf(
      ['notice', 'warning', 'critical'],
      '`critical`: 2 days left or less, or lost; `warning`: 7 days or less, or unknown; `notice`: more, or nothing to do.',
    ),
    isDrill: flag('Whether it is of a drill, on a throwaway secret.'),
    at: time('When it was reported.'),
    stage: v.optional(text(MAX_NAME, 'The stage of the stack that reports.')),
    summary: text(
      MAX_SUMMARY,
      'One sentence for people, without quotes and backslashes. Its wording may change.',
    ),
    secret,
    deletion,
    attempt: v.optional(
      object(
        {
          id: text(MAX_NAME, 'The same in every delivery of the attempt.'),
          eventId: v.optional(text(MAX_NAME, "CloudTrail's eventID.")),
          at: time('When the secret was to be read.'),
          caller: identity('Who tried to read it.'),
          address: v.optional(text(MAX_NAME, 'The address, or the AWS service, it came from.')),
          vpcEndpoint: v.optional(text(MAX_NAME, 'The VPC endpoint it came by.')),
          userAgent: v.optional(text(MAX_NAME, 'The user agent.')),
          invokedBy: v.optional(text(MAX_NAME, 'The AWS service that called for the caller.')),
        },
        'Of `opened` and `caller`, and of a `gone` that reports the first read by a caller of a secret that is gone: the attempt.',
      ),
    ),
    action: v.optional(
      object(
        {
          kind: oneOf(
            ['none', 'restored', 'restore-failed'],
            'What this service did about the deletion.',
          ),
          reason: sentence('Why it did not cancel it, as a sentence.'),
          perhapsByUs: flag('Whether an earlier delivery of this news may have cancelled it.'),
        },
        'Where there is an attempt: what was done about the deletion.',
      ),
    ),
    change: v.optional(
      object(
        {
          id: text(MAX_NAME, "CloudTrail's id of the call."),
          kind: oneOf(['deletion', 'cancellation'], 'What it did.'),
          at: time('When.'),
          by: identity('Who did it.'),
          from: v.optional(text(MAX_NAME, 'The address, or the AWS service, it came from.')),
          date: v.optional(time('Of a deletion: when its recovery window ends.')),
          windowDays: v.optional(count('Of a deletion: its window in days; 0 if it has none.')),
        },
        'Of `announced`: the call that scheduled or cancelled the deletion.',
      ),
    ),
    clash: v.optional(
      object(
        {
          caller: identity('Who tried to create a secret.'),
          tool: oneOf(TOOLS, 'By what, as the user agent tells.'),
          address: v.optional(text(MAX_NAME, 'The address, or the AWS service, it came from.')),
          userAgent: v.optional(text(MAX_NAME, 'The user agent.')),
          first: time('The first try since the event before.'),
          last: time('The last one.'),
          tries: count('How many.'),
          isLeast: flag('Whether there were more than could be counted.'),
        },
        'Of `clash`: who could not create a secret, because its name is of one that is scheduled for deletion. `callers` and `counts` are those of the reads since its deletion; they are of no weight if `deletion` has no `scheduledAt`, because reads may then not have been heard of either.',
      ),
    ),
    callers: list(caller, MAX_CALLERS, 'Those with the most attempts first; `counts` has all.'),
    muted: list(
      v.object({
        by: text(MAX_NAME, 'Who muted them.'),
        reason: text(MAX_SENTENCE, 'Why.'),
        until: v.optional(time('Until when.')),
        attempts: count('How many.'),
      }),
      MAX_MUTED,
      'Attempts that somebody muted.',
    ),
    counts: object(
      {
        attempts: count('Attempts of callers that are neither muted nor ignored.'),
        callers: count('Their callers.'),
        muted: count('Muted attempts.'),
        ignored: count('Attempts of ignored callers.'),
        isLeast: flag('Whether there were more than there was time to count.'),
      },
      'What this event reports.',
    ),
    remedy: v.optional(
      object(
        {
          act: oneOf(
            ['restore', 'delete', 'create', 'replicate'],
            'What can be done: cancel the deletion, schedule it again, or make anew what is gone: a secret, or a replica.',
          ),
          command: text(
            MAX_COMMAND,
            'The AWS CLI command that does it, never cut, without double quotes and backslashes.',
          ),
          isNamed: flag(
            'Whether the command names the secret; else it lists secrets to choose from.',
          ),
          link: v.optional(text(MAX_COMMAND, "The secret's page in the console.")),
          account: v.optional(
            text(MAX_NAME, 'Whose credentials it takes, if not those of the account of the stack.'),
          ),
        },
        'What to do about it; absent where nothing can or need be done.',
      ),
    ),
  }),
  v.title('Detail of an event of deleted-secret-notifier'),
  v.description(
    'What is absent is not known, or is of another kind of event; nothing is null. Texts are one line without control characters, and as hostile as the records that they come from.',
  ),
);

export type Detail = v.InferOutput<typeof detailSchema>;
