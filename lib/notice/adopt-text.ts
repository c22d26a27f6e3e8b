import { identifySecret, NAME } from '../cloudtrail/secret-id.ts';
import type { Tool } from '../cloudtrail/tool.ts';
import { defang } from '../text.ts';
import { ARN, inPlace, putValueCommand, quoted, type Target, tagCommand } from './commands.ts';

/** How a tool goes on with a secret that it meant to create: takes the one that is there, or another name. */
export interface Adoption {
  /** The tool, as a reader knows it. */
  readonly tool: string;
  /** How it takes a secret that exists, and by what command. */
  readonly adopt: string;
  readonly command: (target: Target) => string;
  /** How it gets around a name that is taken: goes on from `another name`. */
  readonly rename: string;
}

/** What a command cannot name is for the reader to fill in. */
const arnOf = ({ id }: Target): string => {
  const { arn = '' } = identifySecret(id, {});
  return ARN.test(arn) ? arn : 'SECRET-ARN';
};

/**
 * What strangers chose, as it stands between quotes, after words of ours: what a mail program would make a link of is divided by
 * further ones, which change nothing.
 */
const inQuotes = (word: string, ours = ''): string =>
  `'${ours}${defang(word) === word ? word : word.replace(/\.|\/\//g, `'$&'`)}'`;

/**
 * The template must describe the secret as it is, and give it a DeletionPolicy:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-existing-stack.html
 */
const importCommand = (target: Target): string => {
  const resource = `ResourceType=AWS::SecretsManager::Secret,LogicalResourceId=LOGICAL-ID,ResourceIdentifier={Id=${arnOf(target)}}`;
  return `aws cloudformation create-change-set --stack-name STACK --change-set-name import-secret --change-set-type IMPORT --template-body file://TEMPLATE --resources-to-import ${inQuotes(resource)}${inPlace(target)}`;
};

/** Whole, to be read: a link to it leads to no stranger, for all of .aws is Amazon's: https://www.iana.org/domains/root/db/aws.html */
const ACK = 'services.k8s.aws';

/** https://aws-controllers-k8s.github.io/docs/guides/adoption; the fields are those of the controller's resource.go. */
const annotateCommand = (target: Target): string => {
  const name = NAME.test(target.name ?? '') ? target.name : 'NAME';
  const fields = `{"name":"${name}","id":"${arnOf(target)}"}`;
  return `kubectl annotate -n NAMESPACE secrets.secretsmanager RESOURCE ${ACK}/adoption-policy=adopt-or-create ${inQuotes(fields, `${ACK}/adoption-fields=`)}`;
};

const ADOPTIONS: Readonly<Record<Tool, Adoption>> = {
  // By the complete ARN:
  // https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret#import
  terraform: {
    tool: 'Terraform or OpenTofu',
    adopt: 'import it, at the address that it has in your code; with OpenTofu by tofu:',
    command: (target) =>
      `terraform import aws_secretsmanager_secret.RESOURCE ${quoted(arnOf(target))}`,
    rename: ': name_prefix in the place of name makes one that is never taken.',
  },
  // https://www.pulumi.com/registry/packages/aws/api-docs/secretsmanager/secret/#import; what has no name in the code gets one with
  // a random end: https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
  pulumi: {
    tool: 'Pulumi',
    adopt: 'import it, under the name that its resource has in your code:',
    command: (target) =>
      `pulumi import aws:secretsmanager/secret:Secret RESOURCE ${quoted(arnOf(target))}`,
    rename: ': without a name among its arguments, Pulumi makes one that is free.',
  },
  cloudformation: {
    tool: 'CloudFormation, perhaps for the CDK, SAM or Serverless',
    adopt:
      'import it into the stack, by a template that holds it with a DeletionPolicy, and execute the change set; with the CDK by cdk import:',
    command: importCommand,
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
    rename: ': without a Name in the template, CloudFormation makes one that is free.',
  },
  // It writes to no secret without this tag: isManagedByESO in its provider for AWS.
  'external-secrets': {
    tool: 'External Secrets Operator',
    adopt: 'tag it, for the operator writes to no other secret that is there:',
    command: (target) => tagCommand(target, 'managed-by', 'external-secrets'),
    rename: ', as the remoteKey of its PushSecret.',
  },
  ack: {
    tool: 'an ACK controller',
    adopt: 'have the controller adopt it, in the namespace of its resource:',
    command: annotateCommand,
    rename: ', in the spec of its resource.',
  },
  serverless: {
    tool: 'Serverless Framework',
    adopt:
      'have the plugin that makes it take the one that is there; one that is to be of the stack is imported, by a template that holds it with a DeletionPolicy:',
    command: importCommand,
    rename: ', in the file of its service, such as one by the stage.',
  },
  cli: {
    tool: 'AWS CLI',
    adopt: 'give it the new value, if it is to have one:',
    command: putValueCommand,
    rename: ', by the option --name.',
  },
  other: {
    tool: 'not known by the user agent',
    adopt: 'have what creates it import or adopt it, or give it the new value:',
    command: putValueCommand,
    rename: ', where it is created.',
  },
};

/** How a tool goes on. What came of another version of this service may be of a tool that this one does not know. */
export const adoptionBy = (tool: Tool): Adoption => ADOPTIONS[tool] ?? ADOPTIONS.other;
