// JavaScript, because it is `file(…)` in serverless.yml: a plugin comes too late for what says where AWS is.
import { awsSettings } from '../cli/aws-settings.ts';
import { NotifierError } from '../lib/errors.ts';

/**
 * The Region to deploy to, by the rule of every command. A Region that nobody names is refused: Serverless alone would take
 * us-east-1, where the service would never see the attempts of the Region that was meant.
 * https://www.serverless.com/framework/docs/providers/aws/guide/variables#exporting-a-function
 * @throws NotifierError as {@link awsSettings}
 */
export async function region({ options }) {
  try {
    return (await awsSettings({ ...options, profile: options['aws-profile'] })).region;
  } catch (error) {
    // Serverless prints the stack, which is of no use here, and calls that option by another name.
    if (error instanceof NotifierError) {
      error.stack = error.message.replace('--profile', '--aws-profile');
    }
    throw error;
  }
}
