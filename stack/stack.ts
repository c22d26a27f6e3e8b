import { ALARM, alarm, mailsUnexplainedOnly, UNEXPLAINED } from './alarm.ts';
import { buttons } from './buttons.ts';
import { channelArn, chat, chatTopicArn } from './chat.ts';
import { attribute, type Outputs, type Resources, ref } from './cloudformation.ts';
import { DASHBOARD, dashboard } from './dashboard.ts';
import { DEAD_LETTER_DAYS, DEAD_LETTER_QUEUE, deadLetterQueue } from './dead-letter-queue.ts';
import {
  channels,
  functionDefinition,
  notify,
  readTrail,
  siftReads,
  summarize,
  trackDeletion,
} from './functions.ts';
import { hub } from './hub.ts';
import {
  BUS,
  BUTTONS,
  CHAT,
  functionsOf,
  HUB_BUS,
  NOTIFY,
  OPERATOR_ROLE,
  READ_TRAIL,
  READS_QUEUE,
  rulesOf,
  SIFT_READS,
  SUMMARIZE,
  TRACK_CLASHES,
  TRACK_DELETION,
} from './names.ts';
import { notices, noticeTopics } from './notices.ts';
import { hasButtons, type Settings } from './settings.ts';
import { TABLE, table } from './table.ts';
import { topic, topicArn } from './topic.ts';
import { trail } from './trail.ts';
import { watch } from './watch.ts';

/** All of the stack that depends on the settings, as data. */
export const stack = (settings: Settings, stage: string) => {
  const alarms = { ...alarm(settings, stage), ...watch(settings, stage) };
  return {
    template: {
      Description:
        'Reports who still tries to read a Secrets Manager secret that is scheduled for deletion',
      Resources: {
        ...topic(settings, thoseThatAct(alarms)),
        ...table,
        ...deadLetterQueue({
          rules: rulesOf(settings).map(({ rule }) => rule),
          topics: noticeTopics(settings),
        }),
        ...hub(settings, stage),
        ...notify(settings, stage),
        ...siftReads(settings, stage),
        ...trackDeletion(settings, stage),
        ...summarize(settings, stage),
        ...readTrail(settings),
        ...notices(settings),
        ...channels(settings, stage),
        ...chat(settings, stage),
        ...buttons(settings, stage),
        ...alarms,
        ...trail(settings),
        ...dashboard(settings, stage),
      },
      Outputs: outputs(settings),
    },
    functions: Object.fromEntries(
      functionsOf(settings).map((names) => [names.key, functionDefinition(names, settings, stage)]),
    ),
  };
};

const thoseThatAct = (alarms: Resources): string[] =>
  Object.keys(alarms).filter((id) => alarms[id]?.Properties.AlarmActions);

/** What an operator or another stack needs. */
function outputs(settings: Settings) {
  const chatTopic = chatTopicArn(settings);
  const channel = channelArn(settings);
  return {
    AlertTopicArn: {
      Description: 'Topic that alerts and the alarm are sent to',
      Value: topicArn(settings),
    },
    ...(settings.classicAlarm && {
      AlarmName: {
        Description: 'Alarm of the classic path: metric filter on the log group of CloudTrail',
        Value: ref(ALARM),
      },
    }),
    ...(mailsUnexplainedOnly(settings) && {
      UnexplainedAlarmName: {
        Description: 'Alarm that mails for it what the trail path has not brought',
        Value: ref(UNEXPLAINED),
      },
    }),
    NotifyRuleName: {
      Description: 'Rule that sends each attempt to the function',
      Value: ref(NOTIFY.rule),
    },
    NotifyFunctionName: {
      Description: 'Function that sends the alerts',
      Value: ref(NOTIFY.function),
    },
    ...(settings.watchGoneSecrets && {
      SiftReadsRuleName: {
        Description: 'Rule that sends each read that found no secret to the queue',
        Value: ref(SIFT_READS.rule),
      },
      ReadsQueueUrl: {
        Description: 'Queue that holds them until the deletions of their secrets are known',
        Value: ref(READS_QUEUE),
      },
      SiftReadsFunctionName: {
        Description:
          'Function that takes them from there, and hands on those of secrets that are gone',
        Value: ref(SIFT_READS.function),
      },
    }),
    TrackDeletionRuleName: {
      Description: 'Rule that sends each deletion, and each cancellation of one, to the function',
      Value: ref(TRACK_DELETION.rule),
    },
    ...(settings.watchNameClashes && {
      TrackClashesRuleName: {
        Description:
          'Rule that sends each creation that a deletion is in the way of to the function',
        Value: ref(TRACK_CLASHES.rule),
      },
    }),
    TrackDeletionFunctionName: {
      Description: 'Function that keeps the ledger of deletions',
      Value: ref(TRACK_DELETION.function),
    },
    SummarizeFunctionName: {
      Description: 'Function that sends digests, last calls, and what became of secrets',
      Value: ref(SUMMARIZE.function),
    },
    ...(settings.trailPath !== 'off' && {
      ReadTrailFunctionName: {
        Description: 'Function that hands on the records of the log group of CloudTrail',
        Value: ref(READ_TRAIL.function),
      },
    }),
    TableName: {
      Description: 'Table that holds attempts and incidents, and the ledger of deletions',
      Value: ref(TABLE),
    },
    DeadLetterQueueUrl: {
      Description: `Queue that keeps for ${DEAD_LETTER_DAYS} days what could not be handled`,
      Value: ref(DEAD_LETTER_QUEUE),
    },
    ...(settings.dashboard && {
      DashboardName: {
        Description: 'Dashboard of attempts, alerts and the health of the service',
        Value: ref(DASHBOARD),
      },
    }),
    ...(settings.organizationId && {
      HubBusArn: {
        Description: 'Event bus that the spokes forward to',
        Value: attribute(HUB_BUS, 'Arn'),
      },
      OrganizationId: {
        Description: 'The organization whose accounts may',
        Value: settings.organizationId,
      },
      OperatorRoleArn: {
        Description: 'Role by which the commands look into the spokes',
        Value: attribute(OPERATOR_ROLE, 'Arn'),
      },
    }),
    ...(chatTopic && {
      ChatTopicArn: {
        Description: 'Topic that is connected to the chat',
        Value: chatTopic,
      },
      ChatFunctionName: {
        Description: 'Function that sends notices to the chat',
        Value: ref(CHAT.function),
      },
    }),
    ...(channel && {
      ChatConfigurationArn: {
        Description: 'Configuration of the channel in Amazon Q Developer in chat applications',
        Value: channel,
      },
    }),
    ...(hasButtons(settings) && {
      ButtonsFunctionName: {
        Description: 'Function that the buttons of the chat call',
        Value: ref(BUTTONS.function),
      },
    }),
    ...(settings.eventBusName && {
      BusFunctionName: {
        Description: 'Function that puts notices on the event bus',
        Value: ref(BUS.function),
      },
      EventBusName: {
        Description: 'Event bus that notices are put on',
        Value: settings.eventBusName,
      },
    }),
  } satisfies Outputs;
}

/** The outputs that the commands read from the deployed stack. */
export type OutputName = keyof ReturnType<typeof outputs>;
