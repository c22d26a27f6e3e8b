/** What makes secrets, as its user agent tells. */
export const TOOLS = [
  'terraform',
  'pulumi',
  'cloudformation',
  'external-secrets',
  'ack',
  'serverless',
  'cli',
  'other',
] as const;
export type Tool = (typeof TOOLS)[number];

/**
 * What each writes into its user agent, among versions and the SDK's own words. A user agent is whatever the caller sent: it may
 * choose which advice is given, and nothing else.
 */
const AGENTS: readonly (readonly [agent: RegExp, tool: Tool])[] = [
  // Before Terraform, whose provider it runs: `APN/1.0 Pulumi/1.0 Pulumi-Aws/… (+https://www.pulumi.com) …`, but for some versions
  // of 2022, which wrote what Terraform does: https://github.com/pulumi/pulumi-aws/issues/2190
  [/\bPulumi\//i, 'pulumi'],
  // `APN/1.0 HashiCorp/1.0 Terraform/1.13.0 (+https://www.terraform.io) terraform-provider-aws/6.0.0 …`. OpenTofu runs the same
  // provider, which writes the same; only the version is OpenTofu's.
  [/\bTerraform\/|\bterraform-provider-aws\//i, 'terraform'],
  // `aws-controllers-k8s/secretsmanager.services.k8s.aws-v1.0.0 (GitCommit/…) …`, with `controller` until 2023:
  // https://github.com/aws-controllers-k8s/runtime/blob/main/pkg/runtime/config.go
  [/\baws-controllers?-k8s\//, 'ack'],
  // Alone, at the end: https://github.com/external-secrets/external-secrets/blob/main/pkg/provider/aws/auth/auth.go
  [/(?<![\w-])external-secrets(?![\w-])/, 'external-secrets'],
  // Since 4.31: https://github.com/serverless/serverless/pull/13279. What its templates make, CloudFormation makes.
  [/\bserverless-framework\//, 'serverless'],
  [/\baws-cli\//, 'cli'],
];

/** The caller of what CloudFormation makes, for the CDK, SAM and Serverless too. */
const CLOUDFORMATION = 'cloudformation.amazonaws.com';

/**
 * The tool behind a call.
 * @param sourceAddress an AWS service's name, if one called on somebody's behalf
 */
export function toolOf(userAgent = '', sourceAddress?: string): Tool {
  // It writes both, or, for a caller who is not a service, the user agent alone.
  if (userAgent === CLOUDFORMATION || sourceAddress === CLOUDFORMATION) return 'cloudformation';
  return AGENTS.find(([agent]) => agent.test(userAgent))?.[1] ?? 'other';
}
