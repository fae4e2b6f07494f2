import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LockHeld, ProcessLock } from '../../system/process-lock.js';
import { isReplacement, replaceFile } from '../../system/replacement.js';
import { DataDirError, damaged } from './data-dir-error.js';
import { syncFolder } from './state-file.js';

/** The file that marks a folder as a data folder of kload. */
const MARKER = 'kload-data.json';
const FORMAT = 'kload-data';
const VERSION = 1;
const LOCK_NAME = 'kload.lock';

const USE_ANOTHER = 'use an empty folder, one that does not exist yet, or one that kload emulate created';

/** A data folder, locked for this process until it is released. */
export class DataDir {
  readonly path: string;
  readonly #lock: ProcessLock;

  private constructor(path: string, lock: ProcessLock) {
    this.path = path;
    this.#lock = lock;
  }

  /** Creates the folder if needed. Rejects with a DataDirError if it is not kload's, is not writable or is in use. */
  static async take(folder: string): Promise<DataDir> {
    const path = resolve(folder);
    try {
      makeFolder(path);
      checkMarker(path);
      const lock = await ProcessLock.take(join(path, LOCK_NAME));
      // Written each time, to check that the folder is writable.
      replaceFile(join(path, MARKER), `${JSON.stringify({ format: FORMAT, version: VERSION })}\n`);
      syncFolder(path);
      return new DataDir(path, lock);
    } catch (error) {
      throw asDataDirError(error, path);
    }
  }

  release(): Promise<void> {
    return this.#lock.release();
  }
}

/**
 * Creates the folders one by one, for two reasons: Node's recursive mkdir never returns if the file system refuses to
 * create folders there, and each new name must be synced to disk.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  makeFolder(parent);
  mkdirSync(path);
  try {
    syncFolder(parent);
  } catch {
    // A sync needs permission to read the folder, which may be missing.
  }
}

/** Throws a DataDirError if the folder is neither empty nor a data folder of this version. */
function checkMarker(path: string): void {
  const others = readdirSync(path).filter((name) => !isOurs(name));
  let text: string;
  try {
    text = readFileSync(join(path, MARKER), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (others.length === 0) return;
    throw new DataDirError(
      `${path} is not a data folder of kload: it contains ${others[0]}, but no ${MARKER}`,
      USE_ANOTHER,
    );
  }
  const marker = parse(text);
  if (marker?.format !== FORMAT || typeof marker.version !== 'number') {
    throw damaged(join(path, MARKER), undefined, `it has no "format": "${FORMAT}"`, USE_ANOTHER);
  }
  if (marker.version > VERSION) {
    throw new DataDirError(
      `${path} was written by a newer kload: its format is version ${marker.version}, this one reads up to ${VERSION}`,
      'use that version of kload, or another folder',
    );
  }
}

/** Whether kload may have created this file before the folder has its marker. */
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

function asDataDirError(error: unknown, path: string): unknown {
  if (error instanceof LockHeld) {
    return new DataDirError(`${path} is ${error.message}`, 'end it first, or use another folder', error);
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof DataDirError || code === undefined) return error;
  if (code === 'ENOTDIR' || code === 'EEXIST') return new DataDirError(`${path} is not a folder`, USE_ANOTHER, error);
  return new DataDirError(`${path} cannot be written to: ${message}`, 'make it writable, or use another folder', error);
}
