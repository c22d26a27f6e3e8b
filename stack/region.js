// JavaScript, because serverless.yml reads it by `file(…)`: a plugin would run too late to set the Region.
import { isEnough, TYPESCRIPT } from '../cli/node.js';

/**
 * The Region to deploy to, by the rule of every command. Without one it fails: Serverless alone would take us-east-1, where
 * the service would never see the attempts of the intended Region.
 * https://www.serverless.com/framework/docs/providers/aws/guide/variables#exporting-a-function
 * On a Node.js that is too old it gives none: osls would wrap an error from here, and the plugin, which comes next, says it in
 * one line and stops each command.
 * @throws NotifierError as `awsSettings`
 */
export async function region({ options }) {
  if (!isEnough(TYPESCRIPT)) return 'unknown';
  const { awsSettings } = await import('../cli/aws-settings.ts');
  const { NotifierError } = await import('../lib/errors.ts');
  try {
    return (await awsSettings({ ...options, profile: options['aws-profile'] })).region;
  } catch (error) {
    // Serverless prints the stack, which is of no use here, and has another name for that option.
    if (error instanceof NotifierError) {
      error.stack = error.message.replace('--profile', '--aws-profile');
    }
    throw error;
  }
}
