import type * as Fs from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

/** A file or a folder, identified independently of its name. The record holds its changes. */
interface Node {
  /** Undefined for a file. */
  readonly entries?: Map<string, Node>;
}

type Change =
  | { readonly node: Node; readonly at: number; readonly bytes: Buffer }
  | { readonly node: Node; readonly size: number }
  | { readonly node: Node; readonly name: string; readonly child: Node | undefined; readonly from?: string };

type Recorded = Change | { readonly synced: Node; readonly upTo: number };

/** Makes the choices that a real disk is free to make: returns a number from 0 to below the bound. */
type Choose = (bound: number) => number;

/**
 * Wraps node:fs and records the writes, renames and syncs inside a folder, in order. From the record it makes the
 * states that a power cut may leave: everything that was synced is there, and any part of what came later. The names in
 * a folder reach the disk in order, the bytes of a file in any order.
 */
export class RecordedDisk {
  readonly #record: Recorded[] = [];
  readonly #open = new Map<number, Node>();
  #root: Node = { entries: new Map() };
  #path: string | undefined;

  /** Starts to record what happens in the folder. */
  watch(path: string): void {
    this.#path = path;
    this.#root = { entries: new Map() };
    this.#record.length = 0;
    this.#open.clear();
  }

  /** The number of recorded events. */
  get moment(): number {
    return this.#record.length;
  }

  /** Creates in `target` what may be on disk if the power is cut at a moment. */
  restore(fs: typeof Fs, target: string, moment: number, choose: Choose): void {
    this.#restore(fs, this.#root, target, moment, choose);
  }

  /** The functions of node:fs, which are recorded. */
  around(fs: typeof Fs): typeof Fs {
    const synced = (fd: number) => {
      const node = this.#open.get(fd);
      const upTo = this.moment;
      return () => node !== undefined && this.#record.push({ synced: node, upTo });
    };
    const sync = (work: (fd: number) => void) => (fd: number) => {
      const done = synced(fd);
      work(fd);
      done();
    };
    const syncLater = (work: typeof Fs.fsync) => (fd: number, callback: (error: Error | null) => void) => {
      const done = synced(fd);
      work(fd, (error) => {
        done();
        callback(error);
      });
    };
    const removed = (path: string) => this.#name(path, undefined);
    return {
      ...fs,
      openSync: (path: string, flags: string) => {
        const fd = fs.openSync(path, flags);
        this.#opened(fd, path, flags);
        return fd;
      },
      closeSync: (fd: number) => {
        this.#open.delete(fd);
        fs.closeSync(fd);
      },
      writeSync: (fd: number, bytes: Buffer, offset: number, length: number, at: number) => {
        const written = fs.writeSync(fd, bytes, offset, length, at);
        const copy = Buffer.from(bytes.subarray(offset, offset + written));
        this.#change(this.#open.get(fd), (node) => ({ node, at, bytes: copy }));
        return written;
      },
      writeFileSync: (fd: number, text: string) => {
        fs.writeFileSync(fd, text);
        this.#change(this.#open.get(fd), (node) => ({ node, at: 0, bytes: Buffer.from(text) }));
      },
      ftruncateSync: (fd: number, size: number) => {
        fs.ftruncateSync(fd, size);
        this.#change(this.#open.get(fd), (node) => ({ node, size }));
      },
      mkdirSync: (path: string, options?: Fs.MakeDirectoryOptions) => {
        const made = fs.mkdirSync(path, options);
        if (this.#find(path) === undefined) this.#name(path, { entries: new Map() });
        return made;
      },
      renameSync: (from: string, to: string) => {
        fs.renameSync(from, to);
        const node = this.#find(from);
        if (node !== undefined) this.#name(to, node, basename(from));
      },
      unlinkSync: (path: string) => {
        fs.unlinkSync(path);
        removed(path);
      },
      rmSync: (path: string, options?: Fs.RmOptions) => {
        fs.rmSync(path, options);
        removed(path);
      },
      fsyncSync: sync(fs.fsyncSync),
      fdatasyncSync: sync(fs.fdatasyncSync),
      fsync: syncLater(fs.fsync),
      fdatasync: syncLater(fs.fdatasync),
    } as typeof Fs;
  }

  #opened(fd: number, path: string, flags: string): void {
    if (flags.startsWith('w') && this.#find(dirname(path)) !== undefined) {
      const found = this.#find(path);
      if (found === undefined) this.#name(path, {});
      else this.#change(found, (node) => ({ node, size: 0 }));
    }
    const node = this.#find(path);
    if (node !== undefined) this.#open.set(fd, node);
  }

  #change(node: Node | undefined, change: (node: Node) => Change): void {
    if (node !== undefined) this.#record.push(change(node));
  }

  /** Gives a node a name in a folder, or removes the name. */
  #name(path: string, child: Node | undefined, from?: string): void {
    const folder = this.#find(dirname(path));
    const name = basename(path);
    if (folder?.entries === undefined || (child === undefined && !folder.entries.has(name))) return;
    if (from !== undefined) folder.entries.delete(from);
    if (child === undefined) folder.entries.delete(name);
    else folder.entries.set(name, child);
    this.#record.push({ node: folder, name, child, ...(from !== undefined && { from }) });
  }

  #find(path: string): Node | undefined {
    if (this.#path === undefined) return undefined;
    const way = relative(this.#path, path);
    if (way === '') return this.#root;
    if (way.startsWith('..')) return undefined;
    return way.split(sep).reduce<Node | undefined>((node, name) => node?.entries?.get(name), this.#root);
  }

  #restore(fs: typeof Fs, node: Node, path: string, moment: number, choose: Choose): void {
    const past = this.#record.slice(0, moment);
    const sure = past.reduce((most, r) => ('synced' in r && r.synced === node ? Math.max(most, r.upTo) : most), 0);
    const mine = (from: number, to: number) =>
      past.slice(from, to).filter((r): r is Change => 'node' in r && r.node === node);
    const before = mine(0, sure);
    const after = mine(sure, moment);
    if (node.entries === undefined) {
      // Half of the time the later writes reach the disk in order up to some point, as in most file systems.
      const inOrder = choose(2) === 0;
      const kept = inOrder ? after.slice(0, choose(after.length + 1)) : after.filter(() => choose(2) === 0);
      fs.writeFileSync(path, contentOf([...before, ...kept]));
      return;
    }
    const entries = new Map<string, Node>();
    for (const change of [...before, ...after.slice(0, choose(after.length + 1))]) {
      if (!('name' in change)) continue;
      if (change.from !== undefined) entries.delete(change.from);
      if (change.child === undefined) entries.delete(change.name);
      else entries.set(change.name, change.child);
    }
    fs.mkdirSync(path, { recursive: true });
    for (const [name, child] of entries) this.#restore(fs, child, join(path, name), moment, choose);
  }
}

/** The file's bytes after these changes. Gaps between writes are zero. */
function contentOf(changes: readonly Change[]): Buffer {
  let content = Buffer.alloc(0);
  const resize = (size: number) => Buffer.concat([content, Buffer.alloc(Math.max(0, size - content.length))], size);
  for (const change of changes) {
    if ('size' in change) content = resize(change.size);
    if (!('bytes' in change)) continue;
    content = resize(Math.max(content.length, change.at + change.bytes.length));
    change.bytes.copy(content, change.at);
  }
  return content;
}
