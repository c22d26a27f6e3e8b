// In JavaScript, because Jest compiles a TypeScript setup to CommonJS, which has no import.meta.resolve.
export { packageForStorms as default } from '../stack/package-templates.ts';
