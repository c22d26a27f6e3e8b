import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { eventBridgeEvent } from '../../../emulators/cloudtrail.ts';
import { operate } from '../commands.ts';
import { countDeadLetters } from '../dead-letters.ts';
import { eventually } from '../eventually.ts';
import { handOver } from '../functions.ts';
import { openMailbox } from '../mailbox.ts';
import { attempt, createPending } from '../secrets.ts';
import { aws, deployed } from '../world.ts';

const sns = new SNSClient(aws);

describe('What cannot be mailed is kept, and replayed', () => {
  test('after the topic was gone for a time', async () => {
    const { AlertTopicArn: TopicArn = '', NotifyFunctionName } = await deployed();
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    await createPending('prod/dead-letter');
    const event = eventBridgeEvent(await attempt('prod/dead-letter'));

    await sns.send(new DeleteTopicCommand({ TopicArn }));
    await handOver(NotifyFunctionName, event);
    await eventually(countDeadLetters, (count) => count === 1);

    const { Policy = '', DisplayName = '' } = Attributes ?? {};
    const Name = TopicArn.split(':').at(-1);
    await sns.send(new CreateTopicCommand({ Name, Attributes: { Policy, DisplayName } }));
    const mailbox = await openMailbox(TopicArn);
    try {
      expect((await operate('replay')).stdout).toBe(
        'replayed: 1\ndropped: 0\nfailed: 0\nforeign: 0\nleft: 0\n',
      );
      expect((await mailbox.next()).subject).toContain('prod/dead-letter wanted by app-server');
      expect(await countDeadLetters()).toBe(0);
    } finally {
      await mailbox.close();
    }
  });
});
