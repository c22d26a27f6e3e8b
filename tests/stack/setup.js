// In JavaScript, as for the integration tests.
export { packageTemplates as default } from './package-templates.ts';
