import { SERVICE, spokeNames, stackNameOf } from '../stack/names.ts';
import { PARAMETERS } from './parameters.ts';

/**
 * What stands beside the files of a release: how to check, install, update and prove it.
 * @param version that of package.json
 */
export const readme = (version: string): string => `\
# ${SERVICE} ${version}

Reports who still tries to read an AWS Secrets Manager secret that is scheduled for deletion. This is the whole of it as plain CloudFormation:
no Serverless Framework and no Node.js are needed to install it, only the AWS CLI.

## Check
\`\`\`sh
sha256sum --check SHA256SUMS
\`\`\`
\`sbom.cdx.json\` lists what the functions are made of (CycloneDX).

## Before
A CloudTrail trail must log *read* management events and deliver them to a log group. This shows it; install in its account and Region:

\`\`\`sh
aws cloudtrail describe-trails --query 'trailList[].[Name,HomeRegion,CloudWatchLogsLogGroupArn]' --output table
\`\`\`

Who installs must be allowed what docs/permissions.md of the project lists under *deploy*.

## Install
In this folder. BUCKET is a bucket for the functions' code, of any name that is free; STAGE is yours to choose, such
as \`prod\`: up to 25 letters, digits or hyphens. The stack has to be called \`${stackNameOf('STAGE')}\`: under another name its deployment fails at once.

\`\`\`sh
aws s3 mb s3://BUCKET --region REGION
aws cloudformation package --template-file template.json --s3-bucket BUCKET --use-json --output-template-file packaged.json --region REGION
aws cloudformation deploy --template-file packaged.json --s3-bucket BUCKET --stack-name ${stackNameOf('STAGE')} --capabilities CAPABILITY_IAM --region REGION --parameter-overrides AlertEmail=you@example.com CloudTrailLogGroup=CloudTrail/MyCloudWatchLogGroup
\`\`\`

Then confirm the mail that AWS sends to the address: until then nothing arrives there.

- No trail yet: \`CloudTrailLogGroup= CreateTrail=true\`.
- The only trail is an organization's, and its log group is in another account: \`CloudTrailLogGroup=\`. This account and Region alone are heard then.
- Two stages in one Region: the second with another \`AlarmName\`.
- Once the stack is there, \`deploy\` keeps what you do not give: name only what you change.

In the partitions of China and AWS GovCloud (US), which lack the chat's resource types, deploy with the Serverless Framework instead.

## Parameters
| parameter | default | meaning |
|---|---|---|
${Object.entries(PARAMETERS).map(row).join('\n')}

What is no parameter has its default. Whoever needs another deploys with the Serverless Framework, from a checkout.

## Prove it
In a checkout of version ${version}, with credentials of the account:

\`\`\`sh
npm ci
npm run -s doctor -- --stage STAGE --region REGION
npm run -s drill -- --stage STAGE --region REGION
\`\`\`

A stack that the Serverless Framework has deployed stays with it: take another STAGE beside it, or remove it first.

## Update
The same second and third command in the folder of the newer release, without \`--parameter-overrides\`. The table and what it holds stay.

## Other accounts and Regions
With \`OrganizationId=o-…\` the stack is a hub, and \`spoke.json\` the template of its spokes, for each other account and Region; \`HubBusArn\` is the output of
that name. In each place a trail must log read management events. In a checkout \`npm run -s spoke -- --stage STAGE --region REGION\` prints the commands that deploy
it to all accounts by a StackSet, and to the management account, which a StackSet leaves out. To a single one:

\`\`\`sh
aws cloudformation deploy --template-file spoke.json --stack-name ${spokeNames('STAGE').stackSet} --capabilities CAPABILITY_NAMED_IAM --region REGION --parameter-overrides HubBusArn=ARN OrganizationId=o-a1b2c3d4e5
\`\`\`

## Remove
\`\`\`sh
aws cloudformation delete-stack --stack-name ${stackNameOf('STAGE')} --region REGION
\`\`\`
The bucket of a trail that the stack has made stays, with what it holds.
`;

/** A row of the table. */
const row = ([name, { Default, Description }]: [
  string,
  { Default?: unknown; Description: string },
]) => `| \`${name}\` | ${shown(Default)} | ${Description.replaceAll('|', '\\|')} |`;

const shown = (value: unknown) => {
  if (value === undefined) return 'none: give it, if only as empty';
  return value === '' ? '' : `\`${value}\``;
};
