// JavaScript, like the files that import it: what an older Node.js cannot read is the TypeScript behind them.

/** The least that runs TypeScript as it is: enough for the plugin. https://nodejs.org/api/typescript.html#type-stripping */
export const TYPESCRIPT = '22.18';

/** The least that has all that the commands use, `using` declarations among it: the Node.js that the project brings. */
export const COMMANDS = '24.0';

/** @param least {string} the major and the minor version that are needed */
export function isEnough(least, version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/**
 * @param least {string} as of {@link isEnough}
 * @throws Error of one line, which is its stack too, because the Serverless Framework prints that
 */
export function requireNode(least, version = process.versions.node) {
  if (isEnough(least, version)) return;
  const next =
    'In the checkout npm ci brings Node.js 24 (on macOS install it), and npx serverless and npm run use it.';
  const error = new Error(`Expected Node.js ${least} or later, got ${version}. ${next}`);
  error.stack = error.message;
  throw error;
}
