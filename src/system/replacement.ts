import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';

const SUFFIX = '.tmp';

/** Whether a file of this name is a replacement that a kill left behind. */
export function isReplacement(name: string): boolean {
  return name.endsWith(SUFFIX);
}

/**
 * A file that is written beside the one it replaces, and takes its name once it is whole: a full disk or a kill leaves
 * the old content in place.
 */
export class Replacement {
  /** Open for writing. Whoever made the replacement closes it. */
  readonly fd: number;
  readonly #path: string;
  readonly #beside: string;

  /** @param path the file itself: a symbolic link would be replaced, not what it points to */
  constructor(path: string) {
    this.#path = path;
    this.#beside = `${path}${SUFFIX}`;
    // Opened only if it does not exist: a link that somebody put there must not have its target overwritten.
    rmSync(this.#beside, { force: true });
    // What only its owner may read stays so.
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0o666;
    this.fd = openSync(this.#beside, 'wx', mode & 0o777);
  }

  takePlace(): void {
    renameSync(this.#beside, this.#path);
  }

  /** Closes and removes what could not be written, or could not take its place. */
  discard(): void {
    closeSync(this.fd);
    rmSync(this.#beside, { force: true });
  }
}
