import { closeSync, fdatasyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

/** The most files that are open at once: a process may not open one for each of thousands of shards. */
const OPEN_MAX = 256;

interface OpenFile {
  readonly fd: number;
  /** Calls of `use` that are still running: the file must stay open. */
  users: number;
  /** Whether the last user closes it. */
  closesWhenUnused: boolean;
}

/** Opens files by path, and keeps the most recently used ones open. */
export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();

  /** Creates an empty file. */
  create(path: string): void {
    this.close(path);
    this.#add(path, openSync(path, 'w+'));
  }

  /** Writes all bytes or throws. */
  write(path: string, bytes: Uint8Array, position: number): void {
    writeFully(this.#open(path).fd, bytes, position);
  }

  truncate(path: string, bytes: number): void {
    ftruncateSync(this.#open(path).fd, bytes);
  }

  sync(path: string): void {
    fdatasyncSync(this.#open(path).fd);
  }

  /** Keeps the file open until `work` has settled. */
  async use(path: string, work: (fd: number) => Promise<void>): Promise<void> {
    const file = this.#open(path);
    file.users++;
    try {
      await work(file.fd);
    } finally {
      file.users--;
      if (file.closesWhenUnused && file.users === 0) closeSync(file.fd);
    }
  }

  /** Closes the file if it is open, once it is no longer used. */
  close(path: string): void {
    const file = this.#files.get(path);
    if (file === undefined) return;
    this.#files.delete(path);
    if (file.users > 0) file.closesWhenUnused = true;
    else closeSync(file.fd);
  }

  closeAll(): void {
    for (const path of [...this.#files.keys()]) this.close(path);
  }

  #open(path: string): OpenFile {
    const file = this.#files.get(path);
    if (file === undefined) return this.#add(path, openSync(path, 'r+'));
    this.#files.delete(path);
    this.#files.set(path, file);
    return file;
  }

  #add(path: string, fd: number): OpenFile {
    const file = { fd, users: 0, closesWhenUnused: false };
    this.#files.set(path, file);
    for (const [oldest, { users }] of this.#files) {
      if (this.#files.size <= OPEN_MAX) break;
      if (oldest !== path && users === 0) this.close(oldest);
    }
    return file;
  }
}

/** Writes all bytes or throws. A single write to a disk that is nearly full may write only a part. */
function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}

/** Reads until the target is full or the file ends. Returns the number of bytes read. */
export function readFully(fd: number, target: Buffer, position: number): number {
  let read = 0;
  while (read < target.length) {
    const more = readSync(fd, target, read, target.length - read, position + read);
    if (more === 0) break;
    read += more;
  }
  return read;
}
