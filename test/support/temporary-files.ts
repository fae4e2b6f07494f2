import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the temporary files of all tests one folder, which is removed when the tests end. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'kload-tests-'));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
