import { createHash } from 'node:crypto';

/**
 * A small model of the service that searches plain lists and shares no code with the emulator. It refuses requests by
 * throwing a `Refusal` with the name of the service's error.
 */

export interface ModelRecord {
  readonly text: string;
  readonly atMs: number;
  /** The one that the emulator gave the record. */
  sequenceNumber: bigint;
}

export interface ModelShard {
  readonly index: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly parents: readonly number[];
  readonly createdAtMs: number;
  closedAtMs?: number;
  readonly records: ModelRecord[];
}

export interface ModelStream {
  readonly name: string;
  readonly createdAtMs: number;
  status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
  untilMs: number;
  onArrival: ((atMs: number) => void) | undefined;
  retentionHours: number;
  trimmedBeforeMs: number;
  shards: ModelShard[];
}

export interface ModelIterator {
  readonly stream: ModelStream;
  readonly shard: ModelShard;
  readonly position: number;
  readonly issuedAtMs: number;
  /** The emulator's shard iterator. */
  readonly token: string;
}

export type ModelFilter =
  | { readonly type: 'FROM_TRIM_HORIZON' | 'AT_TRIM_HORIZON' | 'AT_LATEST' }
  | { readonly type: 'AT_TIMESTAMP' | 'FROM_TIMESTAMP'; readonly atMs: number }
  | { readonly type: 'AFTER_SHARD_ID'; readonly shard: number };

export interface ModelRead {
  readonly texts: readonly string[];
  readonly next: number;
  readonly millisBehindLatest: number;
  /** Indexes of the shard's children at the end of a closed shard, otherwise undefined. */
  readonly children: readonly number[] | undefined;
}

/** How long streams stay CREATING, UPDATING and DELETING, milliseconds. */
export interface ModelDelays {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
}

const SPACE = 2n ** 128n;
const HOUR_MS = 3_600_000;

export class Refusal extends Error {}

export function refuse(name: string): never {
  throw new Refusal(name);
}

export class ServiceModel {
  readonly iterators: ModelIterator[] = [];
  readonly #streams = new Map<string, ModelStream>();
  readonly #delays: ModelDelays;
  readonly #now: () => number;

  constructor(delays: ModelDelays, now: () => number) {
    this.#delays = delays;
    this.#now = now;
  }

  get now(): number {
    return this.#now();
  }

  names(): string[] {
    return [...this.#streams.keys()].filter((name) => this.#find(name) !== undefined).sort();
  }

  stream(name: string): ModelStream {
    return this.#find(name) ?? refuse('ResourceNotFoundException');
  }

  /** The shards that clients can see. */
  shards(stream: ModelStream): ModelShard[] {
    return stream.status === 'CREATING' ? [] : stream.shards;
  }

  create(name: string, count: number): void {
    if (this.#find(name) !== undefined) refuse('ResourceInUseException');
    const width = SPACE / BigInt(count);
    const stream: ModelStream = {
      ...{ name, createdAtMs: this.now, retentionHours: 24, trimmedBeforeMs: 0, shards: [] },
      ...{ status: 'CREATING', untilMs: this.now + this.#delays.create, onArrival: undefined },
    };
    for (let i = 0; i < count; i++) {
      const end = i === count - 1 ? SPACE - 1n : width * BigInt(i + 1) - 1n;
      addShard(stream, width * BigInt(i), end, [], this.now);
    }
    this.#streams.set(name, stream);
  }

  delete(name: string): void {
    const stream = this.#active(name);
    stream.status = 'DELETING';
    stream.untilMs = this.now + this.#delays.delete;
  }

  split(name: string, index: number, at: bigint): void {
    const stream = this.stream(name);
    const shard = this.#toReshard(stream, index);
    if (at <= shard.start + 1n || at >= shard.end || shard.closedAtMs !== undefined) refuse('InvalidArgumentException');
    this.#update(name, (atMs) => splitShard(stream, shard, at, atMs));
  }

  merge(name: string, index: number, adjacent: number): void {
    const stream = this.stream(name);
    const low = this.#toReshard(stream, index);
    const high = this.#toReshard(stream, adjacent);
    if (low.end + 1n !== high.start) refuse('InvalidArgumentException');
    if (low.closedAtMs !== undefined || high.closedAtMs !== undefined) refuse('InvalidArgumentException');
    this.#update(name, (atMs) => mergeShards(stream, low, high, atMs));
  }

  /** For each new range, from the lowest on, splits the open shards at its end and merges the pieces inside it. */
  scale(name: string, target: number): void {
    const stream = this.#active(name);
    if (openShards(stream).length === target) return;
    this.#update(name, (atMs) => {
      for (let i = 1; i <= target; i++) {
        const from = i === 1 ? 0n : openShards(stream)[i - 2]!.end + 1n;
        const share = (SPACE * BigInt(i)) / BigInt(target);
        let low: ModelShard | undefined;
        for (;;) {
          const piece = openShards(stream).find(({ start }) => start === (low === undefined ? from : low.end + 1n))!;
          const reaches = isAbout(piece.end + 1n, share);
          const isBeyond = !reaches && piece.end >= share;
          if (isBeyond) splitShard(stream, piece, share, atMs);
          const inside = isBeyond ? stream.shards.at(-2)! : piece;
          low = low === undefined ? inside : mergeShards(stream, low, inside, atMs);
          if (reaches || isBeyond) break;
        }
      }
    });
  }

  retain(name: string, hours: number, direction: 1 | -1): void {
    if (hours < 24 || hours > 8760) {
      this.stream(name);
      refuse('InvalidArgumentException');
    }
    const stream = this.#active(name);
    if ((hours - stream.retentionHours) * direction < 0) refuse('InvalidArgumentException');
    if (hours === stream.retentionHours) return;
    stream.trimmedBeforeMs = horizonMs(stream, this.now);
    stream.retentionHours = hours;
    this.#update(name, () => {});
  }

  /** Returns the shard that gets the record. */
  put(name: string, key: string, explicit: bigint | undefined, text: string): ModelShard {
    const stream = this.stream(name);
    if (stream.status === 'CREATING') refuse('ResourceNotFoundException');
    const hashKey = explicit ?? BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
    const shard = openShards(stream).find(({ start, end }) => start <= hashKey && hashKey <= end)!;
    shard.records.push({ text, atMs: this.now, sequenceNumber: 0n });
    return shard;
  }

  shard(stream: ModelStream, index: number): ModelShard {
    return this.shards(stream).find((shard) => shard.index === index) ?? refuse('ResourceNotFoundException');
  }

  positionAt(stream: ModelStream, shard: ModelShard, atMs: number): number {
    if (atMs > this.now) refuse('InvalidArgumentException');
    const found = shard.records.findIndex((record) => record.atMs >= Math.max(atMs, horizonMs(stream, this.now)));
    return found === -1 ? shard.records.length : found;
  }

  oldest(stream: ModelStream, shard: ModelShard): number {
    return this.positionAt(stream, shard, 0);
  }

  read({ stream, shard, position, issuedAtMs }: ModelIterator, limit: number): ModelRead {
    if (this.now - issuedAtMs > 300_000) refuse('ExpiredIteratorException');
    if (this.#find(stream.name) !== stream) refuse('ResourceNotFoundException');
    if (!stream.shards.includes(shard)) refuse('ResourceNotFoundException');
    const from = Math.max(position, this.oldest(stream, shard));
    const records = shard.records.slice(from, from + limit);
    const next = from + records.length;
    const isTip = next === shard.records.length;
    const children = stream.shards.filter(({ parents }) => parents.includes(shard.index)).map(({ index }) => index);
    return {
      texts: records.map(({ text }) => text),
      next,
      millisBehindLatest: isTip ? 0 : Math.max(1, this.now - records.at(-1)!.atMs),
      children: records.length === 0 && isTip && shard.closedAtMs !== undefined ? children : undefined,
    };
  }

  list(name: string, filter: ModelFilter): ModelShard[] {
    const stream = this.stream(name);
    const shards = this.shards(stream);
    const isOldest = ({ parents }: ModelShard) => !stream.shards.some(({ index }) => parents.includes(index));
    const endsFrom = (ms: number) => (shard: ModelShard) => (shard.closedAtMs ?? Number.POSITIVE_INFINITY) >= ms;
    switch (filter.type) {
      case 'FROM_TRIM_HORIZON':
        return shards;
      case 'AT_TRIM_HORIZON':
        return shards.filter(isOldest);
      case 'AT_LATEST':
        return shards.filter(({ closedAtMs }) => closedAtMs === undefined);
      case 'AFTER_SHARD_ID':
        return shards.filter(({ index }) => index > filter.shard);
      case 'FROM_TIMESTAMP':
        return shards.filter(endsFrom(filter.atMs));
      case 'AT_TIMESTAMP':
        if (filter.atMs < Math.max(stream.createdAtMs, this.now - stream.retentionHours * HOUR_MS)) {
          return shards.filter(isOldest);
        }
        return shards.filter((shard) => shard.createdAtMs <= filter.atMs && endsFrom(filter.atMs)(shard));
    }
  }

  #toReshard(stream: ModelStream, index: number): ModelShard {
    if (stream.status === 'CREATING') refuse('ResourceInUseException');
    return this.shard(stream, index);
  }

  #active(name: string): ModelStream {
    const stream = this.stream(name);
    return stream.status === 'ACTIVE' ? stream : refuse('ResourceInUseException');
  }

  #update(name: string, onArrival: (atMs: number) => void): void {
    const stream = this.#active(name);
    Object.assign(stream, { status: 'UPDATING', untilMs: this.now + this.#delays.update, onArrival });
  }

  /** The stream as it is now. */
  #find(name: string): ModelStream | undefined {
    const stream = this.#streams.get(name);
    if (stream === undefined) return undefined;
    if (stream.status !== 'ACTIVE' && this.now >= stream.untilMs) {
      if (stream.status === 'DELETING') {
        this.#streams.delete(name);
        return undefined;
      }
      stream.onArrival?.(stream.untilMs);
      stream.onArrival = undefined;
      stream.status = 'ACTIVE';
    }
    const beforeMs = this.now - stream.retentionHours * HOUR_MS;
    stream.shards = stream.shards.filter(({ closedAtMs }) => closedAtMs === undefined || closedAtMs >= beforeMs);
    return stream;
  }
}

function horizonMs(stream: ModelStream, now: number): number {
  return Math.max(stream.trimmedBeforeMs, now - stream.retentionHours * HOUR_MS);
}

export function openShards(stream: ModelStream): ModelShard[] {
  const open = stream.shards.filter(({ closedAtMs }) => closedAtMs === undefined);
  return open.sort((a, b) => (a.start < b.start ? -1 : 1));
}

function addShard(stream: ModelStream, start: bigint, end: bigint, parents: number[], createdAtMs: number): ModelShard {
  const index = (stream.shards.at(-1)?.index ?? -1) + 1;
  const shard = { index, start, end, parents, createdAtMs, records: [] };
  stream.shards.push(shard);
  return shard;
}

function splitShard(stream: ModelStream, shard: ModelShard, at: bigint, atMs: number): void {
  shard.closedAtMs = atMs;
  addShard(stream, shard.start, at - 1n, [shard.index], atMs);
  addShard(stream, at, shard.end, [shard.index], atMs);
}

function mergeShards(stream: ModelStream, low: ModelShard, high: ModelShard, atMs: number): ModelShard {
  low.closedAtMs = atMs;
  high.closedAtMs = atMs;
  return addShard(stream, low.start, high.end, [low.index, high.index], atMs);
}

/** Whether two boundaries are equal but for rounding. */
function isAbout(a: bigint, b: bigint): boolean {
  const apart = a - b;
  return apart > -1000n && apart < 1000n;
}
