// Every test runs in a zone with daylight saving, so that a date rendered in local time shows.
process.env.TZ = 'America/New_York';

export const typescript = {
  // Not in the system's temporary folder, which is to be left as it was.
  cacheDirectory: '<rootDir>/.build/jest',
  // Packages and templates come and go there while tests run.
  modulePathIgnorePatterns: ['<rootDir>/\\.(build|esbuild|serverless)/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
};

/** @type {import('jest').Config} */
export default {
  projects: [
    {
      ...typescript,
      displayName: 'code',
      testMatch: ['<rootDir>/tests/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/tests/(e2e|integration|page|sabotage|stack)/'],
    },
    {
      ...typescript,
      displayName: 'integration',
      testMatch: ['<rootDir>/tests/integration/**/*.test.ts'],
      globalSetup: '<rootDir>/tests/integration/setup.js', // only if one of its tests is run
    },
    {
      ...typescript,
      displayName: 'stack',
      testMatch: ['<rootDir>/tests/stack/**/*.test.ts'],
      globalSetup: '<rootDir>/tests/stack/setup.js', // only if one of its tests is run
    },
  ],
  // In ms, not to be set for a project: functions start in threads of their own, a second or more each on a busy machine.
  testTimeout: 60_000,
  // Each integration test starts threads of its own, which a third worker would only slow down on two processors.
  maxWorkers: '100%',
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageThreshold: { './lib/': { statements: 95, branches: 90, functions: 95, lines: 95 } },
};
