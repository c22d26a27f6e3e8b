import { typescript } from '../../jest.config.js';

/** For `npm run sabotage` only, because it takes some minutes. @type {import('jest').Config} */
export default {
  ...typescript,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/sabotage/*.test.ts'],
  globalSetup: '<rootDir>/tests/sabotage/setup.js',
  testTimeout: 240_000, // packaging, and a storm of some days in threads of its own
  maxWorkers: '100%', // a storm keeps little more than one processor busy
};
