import { toolOf } from '../../../lib/cloudtrail/tool.ts';

const CLOUDFORMATION = 'cloudformation.amazonaws.com';

describe('the tool behind a call is known by its user agent', () => {
  test.each([
    [
      'APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) terraform-provider-aws/3.76.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go/1.44.157 (go1.19.3; linux; amd64)',
      'terraform',
    ],
    [
      'aws-sdk-go/1.12.8 (go1.9; darwin; amd64) APN/1.0 HashiCorp/1.0 Terraform/0.10.0-dev',
      'terraform',
    ],
    [
      'APN/1.0 Pulumi/1.0 Pulumi-Aws/7.12.0 (+https://www.pulumi.com) terraform-provider-aws/6.0.0 aws-sdk-go-v2/1.39.0 os/linux lang/go#1.24.1',
      'pulumi',
    ],
    [
      'APN/1.0 Pulumi/1.0 Pulumi-Aws/4.17.0-alpha.1629393364+0b9d696e.dirty (+https://www.pulumi.com) aws-sdk-go/1.40.20 (go1.16.4; darwin; amd64)',
      'pulumi',
    ],
    [
      'aws-controllers-k8s/secretsmanager.services.k8s.aws-v1.0.9 (GitCommit/0abc; BuildDate/2026-01-01; CRDKind/Secret; CRDVersion/v1alpha1) aws-sdk-go-v2/1.36.0 os/linux lang/go#1.24.1',
      'ack',
    ],
    [
      'aws-controller-k8s/secretsmanager.services.k8s.aws-v0.0.1 (GitCommit/0abc) aws-sdk-go/1.44.93',
      'ack',
    ],
    ['aws-sdk-go/1.55.6 (go1.23.6; linux; amd64) external-secrets', 'external-secrets'],
    [
      'aws-sdk-js/3.966.0 ua/2.1 os/darwin#25.1.0 lang/js md/nodejs#24.13.0 api/secrets-manager#3.966.0 m/E,T,s,r serverless-framework/4.31.0',
      'serverless',
    ],
    [
      'aws-cli/2.33.23 md/awscrt#0.31.1 ua/2.1 os/linux md/arch#x86_64 lang/python#3.13.9 md/prompt#off md/command#secretsmanager.create-secret',
      'cli',
    ],
    ['[aws-cli/1.16.96 Python/2.7.15 Darwin/18.7.0 botocore/1.12.86]', 'cli'],
    [CLOUDFORMATION, 'cloudformation'],
    ['aws-sdk-java/2.25.1', 'other'],
    ['Boto3/1.40.0 Botocore/1.40.0 kubernetes-external-secrets/8.5.5', 'other'],
    ['', 'other'],
    [undefined, 'other'],
  ])('%s is of %s', (userAgent, tool) => {
    expect(toolOf(userAgent, '198.51.100.9')).toBe(tool);
  });
});

test('what CloudFormation calls for somebody is its own, whatever the user agent', () => {
  expect(toolOf(undefined, CLOUDFORMATION)).toBe('cloudformation');
  expect(toolOf('aws-cli/2.33.23', CLOUDFORMATION)).toBe('cloudformation');
});

test('a name that only looks like the service is no CloudFormation', () => {
  expect(toolOf(`x ${CLOUDFORMATION}`, `${CLOUDFORMATION}.example`)).toBe('other');
});
