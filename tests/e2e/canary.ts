/**
 * Fails once the emulator can do what it could not, after an upgrade: then what works around it is to go, and
 * docs/testing.md is to say so.
 */
export function expectGap(isOpen: boolean, whatIsToGo: string): void {
  if (isOpen) return;
  throw new Error(`The emulator does as AWS here by now. ${whatIsToGo} Then remove this test.`);
}
