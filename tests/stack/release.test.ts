import { basename } from 'node:path';
import { stackWithFunctions } from '../../release/lambda.ts';
import { plainTemplate } from '../../release/template.ts';
import { repacked } from '../../release/zip.ts';
import { checkSettings } from '../../stack/check-settings.ts';
import { resolveTemplate } from '../../stack/resolve.ts';
import { asReleased, comparable } from '../unit/release/comparable.ts';
import { COMBINATIONS, type Combination, combinations, packaged, template } from './template.ts';

const STAGE = 'dev';
const STACK = 'deleted-secret-notifier-dev';
/** What the framework packages, without its bucket, and with the name of each zip in the place of where it uploads it. */
function byFramework(name: Combination) {
  const { Resources, Outputs } = template(name);
  const isOwn = ([id]: [string, unknown]) => !id.startsWith('ServerlessDeploymentBucket');
  const resources = Object.fromEntries(Object.entries(Resources).filter(isOwn));
  for (const resource of Object.values(resources)) {
    const { Code } = resource.Properties as { Code?: { S3Key: string } };
    if (Code) resource.Properties.Code = basename(Code.S3Key);
  }
  return {
    Resources: resources,
    Outputs: Object.fromEntries(Object.entries(Outputs).filter(isOwn)),
  };
}

test.each(combinations)(
  'the functions of a release are those that the framework packages: %s',
  (name) => {
    const settings = checkSettings(COMBINATIONS[name], {
      stage: STAGE,
      region: 'eu-west-1',
      functionNames: [],
    });
    expect(comparable(stackWithFunctions(settings, STAGE), STACK)).toEqual(
      comparable(byFramework(name), STACK),
    );
  },
);

test("the plain template is what the framework packages, but for a log group's name in two alarms", () => {
  const { alertEmails, cloudTrailLogGroup } = COMBINATIONS.example;
  const values = { AlertEmail: alertEmails, CloudTrailLogGroup: cloudTrailLogGroup };
  const expected = asReleased(byFramework('example'), cloudTrailLogGroup);
  expect(comparable(resolveTemplate(plainTemplate(), values, STACK), STACK)).toEqual(
    comparable(expected, STACK),
  );
});

test.each(['notify', 'trackDeletion', 'siftReads', 'summarize', 'readTrail'])(
  'the zip of %s is the same whatever else is packaged with it, and when',
  (key) => {
    const [one = '', other] = (['example', 'everything'] as const).map((name) =>
      Buffer.from(repacked(packaged(name, `${key}.zip`))).toString('base64'),
    );
    expect(one.length).toBeGreaterThan(50_000);
    expect(one).toBe(other);
  },
);
