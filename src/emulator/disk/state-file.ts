import { closeSync, fdatasync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { Replacement } from '../../system/replacement.js';
import { damaged } from './data-dir-error.js';
import { writeFully } from './open-files.js';

/**
 * Files that hold one value: a line with the checksum of the next one, which is the value as JSON. One is replaced as a
 * whole: whatever happens, the old value is there or the new one, and the new one is on the disk when the call returns.
 */

/** Throws where it cannot be written; then the old value is still there. */
export function writeStateFile(path: string, value: unknown): void {
  replaceFile(path, textOf(value));
}

/**
 * The same while other things go on, which may not save this very file: the old value is there or the new one, but the
 * disk may have the new one only later.
 */
export async function saveStateFile(path: string, value: unknown): Promise<void> {
  const replacement = new Replacement(path);
  try {
    writeFully(replacement.fd, Buffer.from(textOf(value)), 0);
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

export function replaceFile(path: string, content: string): void {
  const replacement = new Replacement(path);
  try {
    writeFully(replacement.fd, Buffer.from(content), 0);
    fsyncSync(replacement.fd);
    replacement.takePlace();
  } catch (error) {
    replacement.discard();
    throw error;
  }
  closeSync(replacement.fd);
  syncFolder(dirname(path));
}

/** Names that were added to the folder, or taken out of it, are on the disk when the call returns. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Undefined where there is no such file. Throws a DataDirError where it is not as it was written. */
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
