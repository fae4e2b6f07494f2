import { closeSync, fdatasyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

/** Files that are open at once: thousands of shards may be written to, and a process may not open that many. */
const OPEN_MAX = 256;

interface OpenFile {
  readonly fd: number;
  /** Who still uses it: it may not be closed. */
  users: number;
  /** Whoever uses it last closes it. */
  isLeft: boolean;
}

/** Files that are written again and again, by their paths; those used last stay open. */
export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();

  /** Makes an empty file. */
  create(path: string): void {
    this.close(path);
    this.#keep(path, openSync(path, 'w+'));
  }

  /** Writes all of it or throws. */
  write(path: string, bytes: Uint8Array, position: number): void {
    writeFully(this.#open(path).fd, bytes, position);
  }

  truncate(path: string, bytes: number): void {
    ftruncateSync(this.#open(path).fd, bytes);
  }

  sync(path: string): void {
    fdatasyncSync(this.#open(path).fd);
  }

  /** Keeps the file open until what is done with it has settled. */
  async use(path: string, work: (fd: number) => Promise<void>): Promise<void> {
    const file = this.#open(path);
    file.users++;
    try {
      await work(file.fd);
    } finally {
      file.users--;
      if (file.isLeft && file.users === 0) closeSync(file.fd);
    }
  }

  /** Closes the file if it is open, once nobody uses it any more. */
  close(path: string): void {
    const file = this.#files.get(path);
    if (file === undefined) return;
    this.#files.delete(path);
    if (file.users > 0) file.isLeft = true;
    else closeSync(file.fd);
  }

  closeAll(): void {
    for (const path of [...this.#files.keys()]) this.close(path);
  }

  #open(path: string): OpenFile {
    const file = this.#files.get(path);
    if (file === undefined) return this.#keep(path, openSync(path, 'r+'));
    this.#files.delete(path);
    this.#files.set(path, file);
    return file;
  }

  #keep(path: string, fd: number): OpenFile {
    const file = { fd, users: 0, isLeft: false };
    this.#files.set(path, file);
    for (const [oldest, { users }] of this.#files) {
      if (this.#files.size <= OPEN_MAX) break;
      if (oldest !== path && users === 0) this.close(oldest);
    }
    return file;
  }
}

/** Writes all of it or throws: a disk that is nearly full takes a part first. */
export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}

/** Reads until the target is full or the file ends; returns how much it read. */
export function readFully(fd: number, target: Buffer, position: number): number {
  let read = 0;
  while (read < target.length) {
    const more = readSync(fd, target, read, target.length - read, position + read);
    if (more === 0) break;
    read += more;
  }
  return read;
}
