import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LockHeld, ProcessLock } from '../../system/process-lock.js';
import { isReplacement } from '../../system/replacement.js';
import { DataDirError, damaged } from './data-dir-error.js';
import { replaceFile, syncFolder } from './state-file.js';

/** The file that says what a folder is. */
const MARKER = 'kload-data.json';
const FORMAT = 'kload-data';
const VERSION = 1;
const LOCK_NAME = 'kload.lock';

const TAKE_ANOTHER = 'name an empty folder, one that does not exist yet, or one that kload emulate has made';

/** A folder that is ours, and nobody else's until it is released. */
export class DataDir {
  readonly path: string;
  readonly #lock: ProcessLock;

  private constructor(path: string, lock: ProcessLock) {
    this.path = path;
    this.#lock = lock;
  }

  /** Makes the folder if need be. Rejects with a DataDirError where it is not ours, cannot be written or is in use. */
  static async take(folder: string): Promise<DataDir> {
    const path = resolve(folder);
    try {
      makeFolder(path);
      checkMarker(path);
      const lock = await ProcessLock.take(join(path, LOCK_NAME));
      // What is written once shows that the folder can be written to, also where it is an old one.
      replaceFile(join(path, MARKER), `${JSON.stringify({ format: FORMAT, version: VERSION })}\n`);
      return new DataDir(path, lock);
    } catch (error) {
      throw explained(error, path);
    }
  }

  release(): Promise<void> {
    return this.#lock.release();
  }
}

/**
 * One by one: node never returns from making a folder recursively where the file system itself says that there can be
 * none, and each name must get onto the disk.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  makeFolder(parent);
  mkdirSync(path);
  try {
    syncFolder(parent);
  } catch {
    // Whoever may write to a folder may still not be allowed to read it, which a sync needs.
  }
}

/** Throws a DataDirError where the folder holds anything that is not of this form. */
function checkMarker(path: string): void {
  const others = readdirSync(path).filter((name) => !isOurs(name));
  let text: string;
  try {
    text = readFileSync(join(path, MARKER), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (others.length === 0) return;
    throw new DataDirError(
      `${path} is not a data folder of kload: it holds ${others[0]}, but no ${MARKER}`,
      TAKE_ANOTHER,
    );
  }
  const marker = parse(text);
  if (marker?.format !== FORMAT || typeof marker.version !== 'number') {
    throw damaged(join(path, MARKER), undefined, `it does not say "format": "${FORMAT}"`, TAKE_ANOTHER);
  }
  if (marker.version > VERSION) {
    throw new DataDirError(
      `${path} was written by a newer kload: its format is version ${marker.version}, this one knows ${VERSION}`,
      'start it with that version of kload, or name another folder',
    );
  }
}

/** What may lie in a folder before its marker does. */
function isOurs(name: string): boolean {
  return name === LOCK_NAME || name.startsWith(`${LOCK_NAME}.`) || name === MARKER || isReplacement(name);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function explained(error: unknown, path: string): unknown {
  if (error instanceof LockHeld) {
    return new DataDirError(`${path} is ${error.message}`, 'end it first, or name another folder', error);
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof DataDirError || code === undefined) return error;
  if (code === 'ENOTDIR' || code === 'EEXIST') return new DataDirError(`${path} is not a folder`, TAKE_ANOTHER, error);
  return new DataDirError(
    `${path} cannot be written to: ${message}`,
    'make it writable, or name another folder',
    error,
  );
}
