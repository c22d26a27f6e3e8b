// In JavaScript, because Jest compiles a TypeScript setup to CommonJS, which has no import.meta.resolve.
export { default } from '../testing/package-once.ts';
