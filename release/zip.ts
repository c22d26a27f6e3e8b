import { unzipSync, type Zippable, zipSync } from 'fflate';

/** The first that a zip can hold, in local time as all of its times, whatever the machine's zone. */
const NO_TIME = new Date(1980, 0, 1);
const UNIX = 3;
/** Lambda has to be able to read it: a file's mode is in the upper half. */
const READABLE = 0o100644 << 16;

/**
 * A zip with the same files and always the same bytes: without their times, in the order of their names, and packed in JavaScript, because what
 * zlib makes of the same text differs between versions of Node.js.
 */
export function repacked(zip: Uint8Array): Uint8Array {
  const files: Zippable = Object.fromEntries(
    Object.entries(unzipSync(zip)).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  return zipSync(files, { level: 9, mtime: NO_TIME, os: UNIX, attrs: READABLE });
}
