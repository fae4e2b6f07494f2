import { createHash, randomBytes } from 'node:crypto';
import { linkSync, readdirSync, realpathSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The lock's name in the folder that it locks. */
export const LOCK_NAME = 'kload.lock';

/** What the path may have so that a socket's, which is longer, fits on every system, bytes. */
const SOCKET_PATH_MAX = 90;
/** File systems that take no sockets say so in many ways. */
const NO_SOCKETS_HERE = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'ENAMETOOLONG']);
/** How long one who takes over a dead lock waits to see whether somebody else did, too, milliseconds. */
const TAKE_OVER_MS = 50;

/** Somebody else holds the lock. */
export class FolderInUse extends Error {
  /** The holder's process id. */
  readonly pid: string;

  constructor(pid: string) {
    super(`in use by process ${pid}`);
    this.pid = pid;
  }
}

/**
 * Holds a folder for this process: a socket on which its holder listens. It ends with the process, however that ends, and
 * it does so in containers that share the folder, too, where process ids say nothing.
 */
export class FolderLock {
  readonly #server: Server;
  readonly #path: string;
  readonly #ino: number;

  private constructor(server: Server, path: string, ino: number) {
    this.#server = server;
    this.#path = path;
    this.#ino = ino;
  }

  /** Rejects with FolderInUse, or with the error that kept the socket from being made. */
  static async take(folder: string): Promise<FolderLock> {
    const path = join(folder, LOCK_NAME);
    if (Buffer.byteLength(path) > SOCKET_PATH_MAX) return FolderLock.#takeAt(pathElsewhere(folder));
    try {
      return await FolderLock.#takeAt(path);
    } catch (error) {
      if (NO_SOCKETS_HERE.has((error as NodeJS.ErrnoException).code ?? ''))
        return FolderLock.#takeAt(pathElsewhere(folder));
      throw error;
    }
  }

  /** A socket gets a name of its own first: whoever closes one takes that name away, and no other. */
  static async #takeAt(path: string): Promise<FolderLock> {
    const ownPath = `${path}.${randomBytes(4).toString('hex')}`;
    const server = await listen(ownPath);
    const { ino } = statSync(ownPath);
    const lock = new FolderLock(server, path, ino);
    try {
      if (!linkIfFree(ownPath, path)) await lock.#takeOver(ownPath);
      return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Takes the place of a holder that is dead. Of several who do it at once the last one has it. */
  async #takeOver(ownPath: string): Promise<void> {
    const holder = await askHolder(this.#path);
    if (holder !== undefined) throw new FolderInUse(holder);
    renameSync(ownPath, this.#path);
    await delay(TAKE_OVER_MS);
    if (!this.owns(this.#path)) throw new FolderInUse((await askHolder(this.#path)) ?? '?');
  }

  /** Whether it is the lock's socket that has this name. */
  owns(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.ino === this.#ino;
  }

  release(): Promise<void> {
    if (this.owns(this.#path)) unlinkSync(this.#path);
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** Removes the sockets of those who held the folder, or wanted to, and were killed. Only who holds it may. */
export function removeLeftLocks(folder: string, held: FolderLock): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${LOCK_NAME}.`) && !held.owns(join(folder, name))) rmSync(join(folder, name), { force: true });
  }
}

/** Where the lock of a folder is that cannot have it inside. */
function pathElsewhere(folder: string): string {
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 24);
  return join(tmpdir(), `kload-${name}.lock`);
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(String(process.pid));
    });
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** The process id of who listens; undefined where nobody does. */
function askHolder(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let pid = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    // A holder that is stopped, or busy, is one all the same.
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (text) => {
      pid += text;
    });
    socket.once('connect', () => socket.once('close', () => resolve(pid === '' ? '?' : pid)));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? undefined : '?');
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
