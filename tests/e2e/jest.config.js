import { typescript } from '../../jest.config.js';

/** For `npm run e2e` only. @type {import('jest').Config} */
export default {
  ...typescript,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/e2e/e2e.test.ts'],
  reporters: ['<rootDir>/tests/e2e/reporter.js'],
  testTimeout: 120_000,
};
