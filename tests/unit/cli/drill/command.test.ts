import { drillCommand } from '../../../../cli/drill/command.ts';

test('the help says that with --account the Region and the profile are not those of the stack', () => {
  const help = drillCommand.helpInformation().replaceAll(/\s+/g, ' ');
  expect(help).toContain(
    "drill in this account, from which a spoke or a trail brings it: --region and --profile are then that account's, not the stack's, which --stage and the environment name (AWS_PROFILE, AWS_REGION)",
  );
});
