import { packageService } from '../../local/package.ts';
import { COMBINATIONS } from './combinations.ts';

test('packaging without any setting tells all that is missing and an example, which was packaged', async () => {
  const params = Object.entries(COMBINATIONS.example).map(
    ([name, value]) => `--param="${name}=${value}"`,
  );
  const packaging = packageService('.build/templates/none', {}, AbortSignal.timeout(60_000));
  await expect(packaging).rejects.toThrow(`
- Expected exactly one of \`alertEmails\` and \`alertTopicArn\` to be set, got neither
- Expected exactly one of \`cloudTrailLogGroup\` and \`createTrail=true\` to be set, got neither
An example that works:
  npx serverless package ${params.join(' ')}
`);
}, 60_000);
