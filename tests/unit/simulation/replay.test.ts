import { ACCOUNT, REGION } from '../../../emulators/client.ts';
import type { Lambda } from '../../../emulators/lambda.ts';
import { openReplay } from '../../../simulation/replay.ts';
import { asEvent, deleteSecret, notFoundGetSecretValue } from '../../testing/records.ts';

const lambdaOf = (name: string) =>
  ({ name, arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}` }) as Lambda;

const NOTIFY = lambdaOf('dsn-notify');
const TRACK = lambdaOf('dsn-track-deletion');
const lambdas = new Map([
  ['NotifyLambdaFunction', NOTIFY],
  ['TrackDeletionLambdaFunction', TRACK],
]);
const Outputs = {
  NotifyFunctionName: { Value: { Ref: 'NotifyLambdaFunction' } },
  TrackDeletionFunctionName: { Value: { Ref: 'TrackDeletionLambdaFunction' } },
};
const replayOf = openReplay({ Resources: {}, Outputs }, lambdas);

test('a read that its queue has given up goes to the function that alerts it', () => {
  const event = asEvent(notFoundGetSecretValue());
  expect(replayOf(event)).toEqual({ event, lambdas: [NOTIFY], isOfQueue: true });
});

test('what a function has failed on goes to that function', () => {
  const event = asEvent(deleteSecret());
  const failed = { requestContext: { functionArn: TRACK.arn }, requestPayload: event };
  expect(replayOf(failed)).toEqual({ event, lambdas: [TRACK], isOfQueue: false });
});

test.each([
  ['nothing of ours', { hello: 'world' }, /dead letter of ours/],
  [
    'what names another function',
    { requestContext: { functionArn: NOTIFY.arn }, requestPayload: asEvent(deleteSecret()) },
    /dead letter of ours/,
  ],
])('%s is no dead letter of a storm', (_, body, message) => {
  expect(() => replayOf(body)).toThrow(message);
});

test('an output that the template lacks is named', () => {
  const bare = openReplay({ Resources: {} }, lambdas);
  expect(() => bare(asEvent(deleteSecret()))).toThrow(/TrackDeletionFunctionName/);
});
