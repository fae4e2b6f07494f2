import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

const SUFFIX = '.tmp';

/** Whether a file of this name is a replacement that a kill left behind. */
export function isReplacement(name: string): boolean {
  return name.endsWith(SUFFIX);
}

/** Replaces a file with new content, which is on disk before the rename. If it throws, the old file is still there. */
export function replaceFile(path: string, content: string): void {
  const replacement = new Replacement(path);
  try {
    writeFileSync(replacement.fd, content);
    fsyncSync(replacement.fd);
    replacement.takePlace();
  } catch (error) {
    replacement.discard();
    throw error;
  }
  closeSync(replacement.fd);
}

/**
 * A new file that is written beside the one that it replaces, and takes over its name once it is complete: if the disk
 * is full or the process is killed, the old file stays.
 */
export class Replacement {
  /** Open for writing. The owner of the replacement closes it. */
  readonly fd: number;
  readonly #path: string;
  readonly #beside: string;

  /** @param path the file itself, not a symbolic link: the link would be replaced, not its target */
  constructor(path: string) {
    this.#path = path;
    this.#beside = `${path}${SUFFIX}`;
    // Opened only if it does not exist, so that the target of a link with this name is not overwritten.
    rmSync(this.#beside, { force: true });
    // Keeps the permissions of the old file.
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0o666;
    this.fd = openSync(this.#beside, 'wx', mode & 0o777);
  }

  /** Replaces the file. */
  takePlace(): void {
    renameSync(this.#beside, this.#path);
  }

  /** Closes and removes the new file, after it could not be written or renamed. */
  discard(): void {
    closeSync(this.fd);
    rmSync(this.#beside, { force: true });
  }
}
