import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outputs, Resource, Resources, Statement } from '../../stack/cloudformation.ts';

const everything = {
  alertEmails: 'a@example.com, b@example.com',
  kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  cloudTrailLogGroup: 'aws-cloudtrail-logs',
  autoCancelDeletion: 'tagged',
  announceDeletions: 'true',
  maxMailsPerHour: '200',
  maxDigestPauseHours: '168',
  ignoredCallers: 'arn:aws:iam::111122223333:role/scanner-*, *:role/ci',
  ownerTagKeys: 'Owner, cost centre',
  replacementTagKeys: 'successor',
  metricNamespace: 'Security/Secrets',
  metricName: 'Attempts',
  alarmName: 'Attempts on deleted secrets',
  logRetentionDays: '7',
  slackWorkspaceId: 'T012ABCDEFG',
  slackChannelId: 'C012ABCDEFG',
  maxChatMessagesPerHour: '600',
  eventBusName: 'security/events',
};

/** Settings under which the service is packaged, for eu-west-1, for the tests and for cfn-lint. */
export const COMBINATIONS = {
  example: {
    alertEmails: 'you@example.com',
    cloudTrailLogGroup: 'CloudTrail/MyCloudWatchLogGroup',
  },
  'own-trail': {
    alertTopicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts',
    createTrail: 'true',
    logRetentionDays: '90',
    autoCancelDeletion: 'true',
    maxDigestPauseHours: '1',
    alarmMails: 'always',
    dashboard: 'false',
    watchGoneSecrets: 'false',
    chatTopicArn: 'arn:aws:sns:eu-west-1:444455556666:chat',
  },
  everything,
  // Of an organization whose trail delivers to a log group elsewhere.
  member: {
    alertEmails: 'you@example.com',
    trailPath: 'off',
    classicAlarm: 'false',
    watchNameClashes: 'false',
    teamsTenantId: '11111111-2222-4333-8444-555555555555',
    teamId: '22222222-2222-4333-8444-555555555555',
    teamsChannelId: '19%3aabc-DEF_1%40thread.tacv2',
  },
  // The hub of one, in whatever partition: a channel of the stack's own is only in the first.
  organization: {
    ...everything,
    slackWorkspaceId: '',
    slackChannelId: '',
    chatTopicArn: 'arn:aws:sns:eu-west-1:444455556666:chat',
    organizationId: 'o-a1b2c3d4e5',
  },
};

export type Combination = keyof typeof COMBINATIONS;
export const combinations = Object.keys(COMBINATIONS) as Combination[];

const TEMPLATES = join(import.meta.dirname, '../../.build/templates');

type Template = { Resources: Resources; Outputs: Outputs };

/** A file that was packaged under the named combination of settings. */
export const packaged = (name: Combination, file: string) =>
  readFileSync(join(TEMPLATES, name, file));

export const template = (name: Combination): Template =>
  JSON.parse(packaged(name, 'cloudformation-template-update-stack.json').toString());

/** The properties of a resource of the template; fails if there is no such resource. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into properties as deep as they like
export function properties(name: Combination, logicalId: string): any {
  const resource = template(name).Resources[logicalId];
  if (!resource) throw new Error(`Expected a resource ${logicalId} in ${name}`);
  return resource.Properties;
}

export const resourcesOfType = (name: Combination, type: string): [string, Resource][] =>
  Object.entries(template(name).Resources).filter(([, { Type }]) => Type === type);

/** What each role of the template allows, by the role's logical id. */
export const allowedByRole = (name: Combination): Record<string, Statement[]> =>
  Object.fromEntries(
    resourcesOfType(name, 'AWS::IAM::Role').map(([role, resource]) => [
      role,
      roleStatements(resource),
    ]),
  );

/** All that the roles of the template allow. */
export const allowed = (name: Combination): Statement[] =>
  Object.values(allowedByRole(name)).flat();

/** What the inline policies of a role allow. */
export const roleStatements = ({ Properties: { Policies = [] } }: Resource): Statement[] =>
  (Policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
