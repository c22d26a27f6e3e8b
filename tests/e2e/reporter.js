// Jest loads no reporter in TypeScript.
export { ScenarioReporter as default } from './scenario-reporter.ts';
