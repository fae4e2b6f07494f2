import { closeSync, fdatasync, fsyncSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { withFile } from '../../system/open-file.js';
import { Replacement, replaceFile } from '../../system/replacement.js';
import { damaged } from './data-dir-error.js';

/** A state file holds one value: a line with the checksum of the second line, which is the value as JSON. */

/** Replaces the file; the new value is on disk when it returns. If it throws, the file still has the old value. */
export function writeStateFile(path: string, value: unknown): void {
  replaceFile(path, textOf(value));
  syncFolder(dirname(path));
}

/**
 * Replaces the file asynchronously; the new value may reach the disk after it resolves. If it rejects, the file still
 * has the old value. The same file must not be saved twice at once.
 */
export async function saveStateFile(path: string, value: unknown): Promise<void> {
  const replacement = new Replacement(path);
  try {
    writeFileSync(replacement.fd, textOf(value));
    await promisify(fdatasync)(replacement.fd);
    replacement.takePlace();
  } catch (error) {
    replacement.discard();
    throw error;
  }
  closeSync(replacement.fd);
}

function textOf(value: unknown): string {
  const text = JSON.stringify(value);
  return `${JSON.stringify({ crc32: crc32(text) })}\n${text}\n`;
}

/** Syncs the names in a folder: those that were added or removed are so on disk when it returns. */
export function syncFolder(path: string): void {
  withFile(path, 'r', fsyncSync);
}

/** Undefined if the file does not exist. Throws a DataDirError if it is damaged. */
export function readStateFile(path: string, hint: string): unknown {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const [head = '', text = ''] = content.split('\n');
  if (head !== JSON.stringify({ crc32: crc32(text) })) throw damaged(path, undefined, 'its checksum is wrong', hint);
  return JSON.parse(text);
}
