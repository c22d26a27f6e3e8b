import { readDeadLetter } from '../../../cli/replay/dead-letter.ts';
import {
  asEvent,
  deleteSecret,
  failedGetSecretValue,
  restoreSecret,
} from '../../testing/records.ts';

const schedule = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

test.each([
  ['an attempt', asEvent(failedGetSecretValue()), 'NotifyFunctionName'],
  ['a deletion', asEvent(deleteSecret()), 'TrackDeletionFunctionName'],
  ['a cancellation', asEvent(restoreSecret()), 'TrackDeletionFunctionName'],
  ['a schedule', schedule, 'SummarizeFunctionName'],
])('%s that EventBridge kept goes to %s', (_, event, output) => {
  const body = JSON.stringify(event);
  expect(readDeadLetter(body)).toEqual({ event: JSON.parse(body), target: { output } });
});

test('what Lambda kept goes to the function that failed on it', () => {
  const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:notify:$LATEST';
  const record = { requestContext: { functionArn: arn }, requestPayload: schedule };
  expect(readDeadLetter(JSON.stringify(record))).toEqual({ event: schedule, target: { arn } });
});

test.each([
  'text',
  '',
  'null',
  '{}',
  '{"detail":{"eventName":"CreateSecret"}}',
  '{"requestContext":{"functionArn":"arn"}}',
])('%j is no event', (body) => {
  expect(readDeadLetter(body)).toBeUndefined();
});
