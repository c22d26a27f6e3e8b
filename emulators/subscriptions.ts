import { randomUUID } from 'node:crypto';
import type { Published } from './messaging.ts';
import { functionIds, type Template } from './template.ts';

/**
 * The logical ids of the functions of a template that subscribe to a topic of it.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
 */
export function subscribersOf(template: Template, topic: string): string[] {
  const endpoints = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::SNS::Subscription')
    .filter(({ Properties }) => Properties.Protocol === 'lambda')
    .filter(({ Properties }) => Properties.TopicArn?.Ref === topic)
    .map(({ Properties }) => Properties.Endpoint?.['Fn::GetAtt']?.[0]);
  return functionIds(template).filter((logicalId) => endpoints.includes(logicalId));
}

/**
 * The event with which SNS invokes a function, as `Event`: one message.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function snsEvent({ topicArn, id, subject, message, time }: Omit<Published, 'isLost'>) {
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: `${topicArn}:${randomUUID()}`,
        Sns: {
          Type: 'Notification',
          MessageId: id,
          TopicArn: topicArn,
          Subject: subject ?? null,
          Message: message,
          Timestamp: new Date(time).toISOString(),
          SignatureVersion: '1',
          Signature: 'EXAMPLE',
          SigningCertUrl: 'EXAMPLE',
          UnsubscribeUrl: 'EXAMPLE',
          MessageAttributes: {},
        },
      },
    ],
  };
}
