import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Failure } from '../../src/core/failure.js';
import type { Position, StreamRecord } from '../../src/core/stream-record.js';
import { failureOf } from '../../src/kinesis/errors/failures.js';
import type { ListedShard, PolledPage, PushedPage, ReadableStream } from '../../src/kinesis/read/readable-stream.js';
import { randomFrom } from '../support/random.js';

interface ModelShard {
  readonly id: string;
  readonly parents: readonly string[];
  /** The shard's part of the hash keys, of which there are 256. */
  readonly from: number;
  readonly to: number;
  readonly records: StreamRecord[];
  children: ModelShard[];
  closed: boolean;
}

/** Draws a number, which decides what happens to the stream or to a call. */
export type Draw = () => number;

export function drawsFrom(seed: number): Draw {
  const random = randomFrom(seed);
  return () => random() * 2 ** 32;
}

const FAULTS: readonly (() => Error)[] = [
  () => serviceError('ProvisionedThroughputExceededException', 400),
  () => serviceError('InternalFailure', 500),
  () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
];

/** A stream in memory. Reading it makes it split, merge or add records, and sometimes fails. */
export class ModelStream implements ReadableStream {
  readonly written: StreamRecord[] = [];
  readonly #shards: ModelShard[] = [];
  readonly #draw: Draw;
  /** False: responses do not name child shards, as with some emulators. */
  readonly #namesChildren: boolean;
  #changesLeft: number;
  #nowMs = 1_700_000_000_000;

  /** @param changes the number of changes that happen while it is read */
  constructor(shards: number, namesChildren: boolean, changes: number, draw: Draw) {
    this.#namesChildren = namesChildren;
    this.#changesLeft = changes;
    this.#draw = draw;
    for (let n = 0; n < shards; n++) this.#open([], (256 / shards) * n, (256 / shards) * (n + 1));
  }

  /** Splits or merges shards, or adds records. */
  change(): void {
    this.#nowMs += 1 + (this.#draw() % 500);
    const open = this.#shards.filter(({ closed }) => !closed).sort((a, b) => a.from - b.from);
    const at = this.#draw() % open.length;
    const [shard, neighbour] = [open[at]!, open[at + 1]];
    const kind = this.#draw() % 10;
    if (kind === 0 && shard.to - shard.from >= 2) {
      const middle = (shard.from + shard.to) >> 1;
      shard.children = [this.#open([shard.id], shard.from, middle), this.#open([shard.id], middle, shard.to)];
      shard.closed = true;
    } else if (kind === 1 && neighbour !== undefined) {
      const child = this.#open([shard.id, neighbour.id], shard.from, neighbour.to);
      for (const parent of [shard, neighbour]) Object.assign(parent, { closed: true, children: [child] });
    } else for (let n = this.#draw() % 5; n >= 0; n--) this.#put(`key-${this.#draw() % 12}`);
  }

  #open(parents: readonly string[], from: number, to: number): ModelShard {
    const id = `shardId-${String(this.#shards.length).padStart(12, '0')}`;
    const shard: ModelShard = { id, parents, from, to, records: [], children: [], closed: false };
    this.#shards.push(shard);
    return shard;
  }

  #put(key: string): void {
    const hash = createHash('md5').update(key).digest()[0]!;
    const shard = this.#shards.find(({ from, to, closed }) => !closed && from <= hash && hash < to)!;
    const record = {
      shardId: shard.id,
      sequenceNumber: String(this.written.length + 1),
      key,
      data: Buffer.from(`${key}#${this.written.length}`),
      arrivedAtMs: this.#nowMs,
    };
    shard.records.push(record);
    this.written.push(record);
  }

  async listShards(): Promise<ListedShard[]> {
    this.#maybeFail();
    return this.#shards.map(({ id, parents, closed }) => ({ id, parents, closed }));
  }

  async shardIterator(shardId: string, position: Position): Promise<string> {
    this.#maybeFail();
    return this.#iteratorAt(shardId, position);
  }

  #iteratorAt(shardId: string, position: Position): string {
    const shard = this.#shard(shardId);
    if (position.type === 'TRIM_HORIZON') return `${shardId} 0`;
    if (position.type !== 'AFTER_SEQUENCE_NUMBER') throw new Error(`not expected: ${position.type}`);
    if (position.sequenceNumber.startsWith('index ')) return `${shardId} ${position.sequenceNumber.split(' ')[1]}`;
    return `${shardId} ${shard.records.findIndex((record) => record.sequenceNumber === position.sequenceNumber) + 1}`;
  }

  async getRecords(shardId: string, iterator: string, countMax: number): Promise<PolledPage> {
    this.#maybeFail();
    if (this.#draw() % 20 === 7) throw serviceError('ExpiredIteratorException', 400);
    return this.#page(shardId, Number(iterator.split(' ')[1]), countMax);
  }

  #page(shardId: string, at: number, countMax: number): PolledPage {
    if (this.#changesLeft-- > 0) this.change();
    const shard = this.#shard(shardId);
    const next = Math.min(at + (this.#draw() % 7), at + countMax, shard.records.length);
    const isEnd = shard.closed && next === shard.records.length && this.#draw() % 2 === 0;
    return {
      records: shard.records.slice(at, next),
      behindMs: next === shard.records.length ? 0 : this.#nowMs - shard.records[next]!.arrivedAtMs + 1,
      children: isEnd && this.#namesChildren ? shard.children.map(({ id, parents }) => ({ id, parents })) : [],
      next: isEnd ? undefined : `${shardId} ${next}`,
    };
  }

  async subscribe(shardId: string, position: Position, _arn: string, signal: AbortSignal) {
    this.#maybeFail();
    if (this.#draw() % 20 === 7) throw serviceError('ResourceInUseException', 400);
    return this.#push(shardId, position, signal);
  }

  /** Pushes a few events, then ends or breaks. Stops when its reader has left. */
  async *#push(shardId: string, position: Position, signal: AbortSignal): AsyncGenerator<PushedPage> {
    let at = Number(this.#iteratorAt(shardId, position).split(' ')[1]);
    for (let events = this.#draw() % 6; events >= 0 && !signal.aborted; events--) {
      await turn();
      if (this.#draw() % 12 === 0) throw Object.assign(new Error('stream closed'), { code: 'ERR_HTTP2_STREAM_ERROR' });
      const { next, ...page } = this.#page(shardId, at, 10_000);
      // An index into the shard stands for the service's opaque continuation.
      at = Number(next?.split(' ')[1]);
      yield { ...page, continuation: next === undefined ? undefined : `index ${at}` };
      if (next === undefined) return;
    }
  }

  failureOf(error: unknown): Failure {
    return failureOf(error);
  }

  explain(error: unknown): unknown {
    return error;
  }

  #shard(id: string): ModelShard {
    const shard = this.#shards.find((shard) => shard.id === id);
    if (shard === undefined) throw serviceError('ResourceNotFoundException', 400);
    return shard;
  }

  #maybeFail(): void {
    if (this.#draw() % 6 === 0) throw FAULTS[this.#draw() % FAULTS.length]!();
  }
}

export function serviceError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(`the service says ${name}`), { name, $metadata: { httpStatusCode } });
}
