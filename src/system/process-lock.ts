import { createHash, randomBytes } from 'node:crypto';
import { linkSync, lstatSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A lock that one process at a time can hold. */

/** The longest path of a lock in bytes, so that the path of its socket, which is longer, fits on every system. */
const SOCKET_PATH_MAX = 90;
/** The error codes of file systems without sockets. */
const NO_SOCKETS_HERE = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'ENAMETOOLONG']);
/** The suffix of a socket whose process does not have the lock yet. */
const CANDIDATE_SUFFIX = /^\.[0-9a-f]{8}$/;
/** How long a holder may take to send its process id. */
const RESPONSE_MS = 1_000;

/** Thrown if another process holds the lock. */
export class LockHeld extends Error {
  /** @param pid the holder's process id; undefined if it does not respond, for example because it is stopped */
  constructor(pid: string | undefined) {
    super(`in use by another kload, ${pid === undefined ? 'which does not respond' : `process ${pid}`}`);
  }
}

/**
 * A lock for this process: a Unix socket on which the holder listens. It ends with the process, however that ends. It
 * also works between containers that share the folder, where process ids mean nothing. A killed process leaves a socket
 * on which nothing listens, and the next process takes it over.
 */
export class ProcessLock {
  readonly #server: Server;
  readonly #path: string;
  readonly #ino: number;

  private constructor(server: Server, path: string, ino: number) {
    this.#server = server;
    this.#path = path;
    this.#ino = ino;
  }

  /**
   * Takes the lock with this path, which must not be used for another file. Rejects with LockHeld, or with the error
   * that prevented the creation of the socket.
   */
  static async take(path: string): Promise<ProcessLock> {
    if (Buffer.byteLength(path) > SOCKET_PATH_MAX) return ProcessLock.#takeAt(fallbackPath(path));
    try {
      return await ProcessLock.#takeAt(path);
    } catch (error) {
      if (NO_SOCKETS_HERE.has(codeOf(error) ?? '')) return ProcessLock.#takeAt(fallbackPath(path));
      throw error;
    }
  }

  release(): Promise<void> {
    if (this.#owns()) rmSync(this.#path, { force: true });
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Creates the socket under its own path first, because closing a server removes the path that it listened on. */
  static async #takeAt(path: string): Promise<ProcessLock> {
    const ownPath = `${path}.${randomBytes(4).toString('hex')}`;
    const server = await listen(ownPath);
    // The path is gone if another process has just taken the lock and removed all candidates.
    const { ino } = lstatSync(ownPath, { throwIfNoEntry: false }) ?? { ino: -1 };
    const lock = new ProcessLock(server, path, ino);
    try {
      if (linkIfFree(ownPath, path)) rmSync(ownPath, { force: true });
      else await lock.#takeOver(ownPath);
      return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /**
   * Takes over from a dead holder. If several processes do so at once, each renames its own socket onto the lock's path
   * and then removes the sockets of all candidates. A candidate without its socket can't take over any more, so the
   * process that renamed its socket last has the lock.
   */
  async #takeOver(ownPath: string): Promise<void> {
    if (lstatSync(this.#path, { throwIfNoEntry: false })?.isSocket() === false) throw notALock(this.#path);
    const holder = await askHolder(this.#path);
    if (holder !== undefined) throw new LockHeld(holder.pid);
    try {
      renameSync(ownPath, this.#path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    this.#removeCandidates();
    if (!this.#owns()) throw new LockHeld((await askHolder(this.#path))?.pid);
  }

  /** Removes the sockets of all candidates, including killed ones. */
  #removeCandidates(): void {
    const name = basename(this.#path);
    for (const other of readdirSync(dirname(this.#path))) {
      if (!other.startsWith(name) || !CANDIDATE_SUFFIX.test(other.slice(name.length))) continue;
      rmSync(join(dirname(this.#path), other), { force: true });
    }
  }

  #owns(): boolean {
    return lstatSync(this.#path, { throwIfNoEntry: false })?.ino === this.#ino;
  }
}

/** The path for a lock whose own path can't hold a socket. */
function fallbackPath(path: string): string {
  const whole = join(realpathSync(dirname(path)), basename(path));
  return join(tmpdir(), `kload-${createHash('sha256').update(whole).digest('hex').slice(0, 24)}.lock`);
}

function notALock(path: string): Error {
  return Object.assign(new Error(`${path} is not a lock of kload, so it is left alone`), { code: 'ENOTSOCK' });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(String(process.pid));
    });
    server.once('error', reject);
    // Processes of other users must be able to find out whether the holder is alive.
    server.listen({ path, readableAll: true, writableAll: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Asks the holder for its process id. Returns undefined if nothing listens. */
function askHolder(path: string): Promise<{ readonly pid: string | undefined } | undefined> {
  return new Promise((resolve) => {
    let pid = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    // A holder that is stopped or busy does not respond, but still holds the lock.
    socket.setTimeout(RESPONSE_MS, () => socket.destroy());
    socket.on('data', (text) => {
      pid += text;
    });
    socket.once('connect', () => socket.once('close', () => resolve({ pid: pid === '' ? undefined : pid })));
    socket.once('error', (error) => {
      const isDead = codeOf(error) === 'ECONNREFUSED' || codeOf(error) === 'ENOENT';
      resolve(isDead ? undefined : { pid: undefined });
    });
  });
}

/** Returns false if the path exists, or if the file system has no hard links. */
function linkIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}
