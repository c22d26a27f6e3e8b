import { typescript } from '../../jest.config.js';

/** For `npm run test:page` only, because it needs Chromium. @type {import('jest').Config} */
export default {
  ...typescript,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/page/*.test.ts'],
  testTimeout: 60_000,
};
