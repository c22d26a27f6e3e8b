import { type Account, patch, refuse } from '../../../../testing/account.ts';
import { functionArn, policyOf } from '../../../../testing/healthy-account.ts';
import type { Any, Fault } from './fault.ts';
import { noRule } from './rules.ts';

const target = (change: (target: Any) => void) => (account: Account) =>
  patch(account, 'ListTargetsByRule', ({ Targets: [one] }) => change(one));
const PUT =
  /^aws events put-targets --rule deleted-secret-notifier-dev-NotifyRule --targets '\[\{"Id":"notify","Arn":"arn:aws:lambda:.+-notify","DeadLetterConfig":\{"Arn":"arn:aws:sqs:eu-west-1:111122223333:dead-letters"\}\}\]'/;
const ADD =
  /^aws lambda add-permission --function-name deleted-secret-notifier-dev-notify .+ --principal events.amazonaws.com --source-arn arn:aws:events:eu-west-1:111122223333:rule\/deleted-secret-notifier-dev-NotifyRule/;
const policy =
  (...statements: object[]) =>
  (account: Account) => {
    account.GetPolicy = () => ({ Policy: policyOf(...statements) });
  };
const allow = {
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action: 'lambda:InvokeFunction',
  Resource: functionArn('notify'),
};

/** What may be wrong with a rule's way to its function. */
export const TARGET_FAULTS: readonly Fault[] = [
  ['notify: target', 'fail', /^The rule does not hand/, PUT, noRule],
  [
    'notify: target',
    'fail',
    /^The rule does not hand its events to notify\.$/,
    PUT,
    target((one) => Object.assign(one, { Arn: functionArn('summarize') })),
  ],
  [
    'notify: target',
    'fail',
    /^The rule changes its events/,
    PUT,
    target((one) => Object.assign(one, { InputPath: '$.detail' })),
  ],
  [
    'notify: target',
    'warn',
    /does not go to the dead-letter queue/,
    PUT,
    target((one) => delete one.DeadLetterConfig),
  ],
  [
    'notify: permission',
    'fail',
    /^The rule may not invoke the function\.$/,
    ADD,
    (account) => {
      account.GetPolicy = refuse('ResourceNotFoundException');
    },
  ],
  [
    'notify: permission',
    'fail',
    /^The rule may not/,
    ADD,
    policy({
      ...allow,
      Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:events:*:*:rule/x' } },
    }),
  ],
  [
    'notify: permission',
    'unknown',
    /conditions that cannot be judged/,
    /^aws lambda get-policy/,
    policy({ ...allow, Condition: { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01' } } }),
  ],
];
