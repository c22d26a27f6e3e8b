import { typescript } from '../../jest.config.js';

/** For `npm run sabotage` only, because it takes a minute. @type {import('jest').Config} */
export default {
  ...typescript,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/sabotage/*.test.ts'],
  globalSetup: '<rootDir>/tests/integration/setup.js',
  testTimeout: 60_000, // packaging, and a storm in threads of its own
};
