import { createHash, randomBytes } from 'node:crypto';
import { linkSync, lstatSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** What the path may have so that a socket's, which is longer, fits on every system, bytes. */
const SOCKET_PATH_MAX = 90;
/** File systems that take no sockets say so in many ways. */
const NO_SOCKETS_HERE = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'ENAMETOOLONG']);
/** What a socket has behind the lock's name while its process wants the lock. */
const OWN_NAME = /^\.[0-9a-f]{8}$/;
/** How long a holder has to say who it is, milliseconds. */
const ANSWER_MS = 1_000;

/** Somebody else holds the lock. */
export class LockHeld extends Error {
  /** @param pid the holder's process id; undefined where it does not say, as when it is stopped */
  constructor(pid: string | undefined) {
    super(`in use by another kload, ${pid === undefined ? 'which does not answer' : `process ${pid}`}`);
  }
}

/**
 * Holds something for this process: a socket on which its holder listens. It ends with the process, however that ends, and
 * it does so in containers that share the folder, too, where process ids say nothing. What a kill leaves behind is a socket
 * on which nobody listens, and is taken over.
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
   * Takes the lock of this name, which belongs to no other file. Rejects with LockHeld, or with the error that kept the
   * socket from being made.
   */
  static async take(path: string): Promise<ProcessLock> {
    if (Buffer.byteLength(path) > SOCKET_PATH_MAX) return ProcessLock.#takeAt(pathElsewhere(path));
    try {
      return await ProcessLock.#takeAt(path);
    } catch (error) {
      if (NO_SOCKETS_HERE.has(codeOf(error) ?? '')) return ProcessLock.#takeAt(pathElsewhere(path));
      throw error;
    }
  }

  release(): Promise<void> {
    if (this.#owns()) rmSync(this.#path, { force: true });
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** A socket gets a name of its own first: whoever closes one takes that name away, and no other. */
  static async #takeAt(path: string): Promise<ProcessLock> {
    const ownPath = `${path}.${randomBytes(4).toString('hex')}`;
    const server = await listen(ownPath);
    // Without its name: another one has just taken the lock, and took that away.
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
   * Takes the place of a holder that is dead. Of several who find it dead one gets there: whoever has the place takes away
   * the own names of all others, without which they cannot take it later, and who took it later still has it.
   */
  async #takeOver(ownPath: string): Promise<void> {
    if (lstatSync(this.#path, { throwIfNoEntry: false })?.isSocket() === false) throw noLock(this.#path);
    const holder = await askHolder(this.#path);
    if (holder !== undefined) throw new LockHeld(holder.pid);
    try {
      renameSync(ownPath, this.#path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    this.#removeOwnNames();
    if (!this.#owns()) throw new LockHeld((await askHolder(this.#path))?.pid);
  }

  /** Also of those who were killed while they had one. */
  #removeOwnNames(): void {
    const name = basename(this.#path);
    for (const other of readdirSync(dirname(this.#path))) {
      if (!other.startsWith(name) || !OWN_NAME.test(other.slice(name.length))) continue;
      rmSync(join(dirname(this.#path), other), { force: true });
    }
  }

  #owns(): boolean {
    return lstatSync(this.#path, { throwIfNoEntry: false })?.ino === this.#ino;
  }
}

/** Where a lock is that cannot be where it should. */
function pathElsewhere(path: string): string {
  const whole = join(realpathSync(dirname(path)), basename(path));
  return join(tmpdir(), `kload-${createHash('sha256').update(whole).digest('hex').slice(0, 24)}.lock`);
}

function noLock(path: string): Error {
  return Object.assign(new Error(`${path} is no lock of kload, and stays as it is`), { code: 'ENOTSOCK' });
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
    // Whoever finds it dead must be allowed to find that out, also as another user.
    server.listen({ path, readableAll: true, writableAll: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Who listens; undefined where nobody does. */
function askHolder(path: string): Promise<{ readonly pid: string | undefined } | undefined> {
  return new Promise((resolve) => {
    let pid = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    // A holder that is stopped, or busy, is one all the same.
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
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

/** False where the name is taken, or cannot be given this way. */
function linkIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}
