import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is deleted when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kload-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The folder of the stream in a data folder that has only one. */
export function streamFolder(dataDir: string): string {
  const [name, ...others] = readdirSync(join(dataDir, 'streams'));
  if (name === undefined || others.length > 0) throw new Error('there must be exactly one stream');
  return join(dataDir, 'streams', name);
}

/** The paths of all log files in a data folder with one stream, sorted. */
export function logFiles(dataDir: string): string[] {
  const folder = streamFolder(dataDir);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => join(folder, name));
}

/** The path of the file that names the newest log files, in a data folder with one stream. */
export function newestFile(dataDir: string): string {
  return join(streamFolder(dataDir), 'logs.json');
}
