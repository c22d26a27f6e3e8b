import type { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { chatChannel } from '../../../../lib/notice/chat/delivery.ts';
import { renderChat } from '../../../../lib/notice/chat/render.ts';
import { NOW } from '../../../testing/attempts.ts';
import { opened, STACK } from '../../../testing/chat.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:chat';

test('a message is published as its JSON, without a subject', async () => {
  const sent: PublishCommand[] = [];
  const send = async (command: PublishCommand) => {
    sent.push(command);
    return { MessageId: 'message-1' };
  };
  const message = renderChat(opened(), { stack: STACK, chatButtons: true, now: NOW });
  const publish = chatChannel({ send } as unknown as SNSClient, TOPIC);
  await expect(publish(message)).resolves.toBe('message-1');
  expect(sent.map(({ input }) => input)).toEqual([
    { TopicArn: TOPIC, Message: JSON.stringify(message) },
  ]);
});

test('what SNS refuses is thrown', async () => {
  const send = () => Promise.reject(new Error('SNS is down'));
  const publish = chatChannel({ send } as unknown as SNSClient, TOPIC);
  const message = renderChat(opened(), { stack: STACK, chatButtons: true, now: NOW });
  await expect(publish(message)).rejects.toThrow('SNS is down');
});
