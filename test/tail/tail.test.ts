import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadableStream } from '../../src/kinesis/read/readable-stream.js';
import { Output } from '../../src/tail/output.js';
import { pollShards } from '../../src/tail/poll-shard.js';
import { recordFormatter } from '../../src/tail/record-format.js';
import type { ShardReader } from '../../src/tail/shard-reader.js';
import { subscribeShards } from '../../src/tail/subscribe-shard.js';
import { Tail, type TailParts, type TailRange } from '../../src/tail/tail.js';
import { runs } from '../support/runs.js';
import { drawsFrom, ModelStream, serviceError } from './model-stream.js';

const ALL: TailRange = {
  from: { kind: 'trim-horizon' },
  shards: [],
  follow: false,
  count: undefined,
  durationMs: undefined,
  untilMs: undefined,
};

/** A tail of a model stream, whose pauses take no time. */
function tailOf(
  stream: ModelStream,
  range: Partial<TailRange>,
  readerOf: (stream: ReadableStream) => ShardReader = (stream) => pollShards(stream, true),
  to = new Writable({ write: (_c, _e, done) => done() }),
) {
  const chunks: Buffer[] = [];
  const write = to.write.bind(to);
  Object.assign(to, {
    write: (chunk: string | Buffer, done: (error?: Error | null) => void) => {
      chunks.push(Buffer.from(chunk));
      return write(chunk, done);
    },
  });
  const output = new Output(to, undefined, recordFormatter('raw', undefined, false));
  const nothing = () => {};
  const notes = {
    ready: nothing,
    resharded: nothing,
    grown: nothing,
    lost: nothing,
    waiting: nothing,
    trouble: nothing,
    recovered: nothing,
  };
  const pause = async (_ms: number, signal: AbortSignal) => {
    await turn();
    signal.throwIfAborted();
  };
  const parts: TailParts = {
    ...{ part: 'shard', range: { ...ALL, ...range }, stream, readShard: readerOf(stream) },
    ...{ relistEveryMs: undefined, output, notes, timeoutMs: 60_000, pause },
  };
  return { tail: new Tail(parts), text: () => Buffer.concat(chunks).toString() };
}

interface Scene {
  readonly shards: number;
  readonly namesChildren: boolean;
  /** The number of changes before the tail begins, and while it reads. */
  readonly changes: readonly [number, number];
}

const scene: fc.Arbitrary<Scene> = fc.record({
  shards: fc.constantFrom(1, 2, 4),
  namesChildren: fc.boolean(),
  changes: fc.tuple(fc.nat(60), fc.nat(60)),
});

const READERS: readonly (readonly [string, (stream: ReadableStream) => ShardReader])[] = [
  ['polled', (stream) => pollShards(stream, true)],
  ['polled politely only where a shard throttles', (stream) => pollShards(stream, false)],
  ['pushed to', (stream) => subscribeShards(stream, 'arn:consumer')],
];

describe.each(READERS)('a tail of a stream that splits, merges and fails, %s,', (_how, readerOf) => {
  it('writes every record once, and the records of a key in order', async () => {
    await fc.assert(
      fc.asyncProperty(scene, fc.nat(), async ({ shards, namesChildren, changes }, seed) => {
        const stream = new ModelStream(shards, namesChildren, changes[1], drawsFrom(seed));
        for (let n = 0; n < changes[0]; n++) stream.change();
        const before = stream.written.length;
        const { tail, text } = tailOf(stream, {}, readerOf);
        const result = await tail.run();
        const lines = text().split('\n').slice(0, -1);
        expect(result).toMatchObject({ reason: 'caught-up', records: lines.length });
        checkLines(lines, stream, before);
      }),
      { numRuns: runs(100) },
    );
  }, 120_000);

  it('follows it until it has --count records', async () => {
    await fc.assert(
      fc.asyncProperty(scene, fc.nat(), async ({ shards, namesChildren, changes }, seed) => {
        const stream = new ModelStream(shards, namesChildren, Number.POSITIVE_INFINITY, drawsFrom(seed));
        const count = 1 + changes[0] + changes[1];
        const { tail, text } = tailOf(stream, { follow: true, count }, readerOf);
        expect(await tail.run()).toMatchObject({ reason: 'count', records: count });
        const lines = text().split('\n').slice(0, -1);
        expect(lines).toHaveLength(count);
        checkLines(lines, stream, 0);
      }),
      { numRuns: runs(100) },
    );
  }, 120_000);
});

describe('a tail', () => {
  it('ends if the service refuses for good', async () => {
    const stream = new ModelStream(1, true, 0, () => 1);
    stream.getRecords = async () => {
      throw serviceError('AccessDeniedException', 400);
    };
    await expect(tailOf(stream, {}).tail.run()).rejects.toThrow('the service says AccessDeniedException');
  });

  it('with enhanced fan-out works without the permission to poll', async () => {
    const stream = new ModelStream(4, true, 0, drawsFrom(3));
    for (let n = 0; n < 40; n++) stream.change();
    stream.getRecords = stream.shardIterator = async () => {
      throw serviceError('AccessDeniedException', 400);
    };
    const { tail, text } = tailOf(stream, {}, (read) => subscribeShards(read, 'arn:consumer'));
    expect(await tail.run()).toMatchObject({ reason: 'caught-up' });
    checkLines(text().split('\n').slice(0, -1), stream, stream.written.length);
  });

  it('skips a shard that left retention before its turn', async () => {
    const stream = new ModelStream(2, true, 0, () => 1);
    for (let n = 0; n < 20; n++) stream.change();
    const { shardIterator, listShards } = stream;
    stream.shardIterator = async (id, position) => {
      if (!id.endsWith('0')) return shardIterator.call(stream, id, position);
      stream.listShards = async () => (await listShards.call(stream)).filter((shard) => !shard.id.endsWith('0'));
      throw serviceError('ResourceNotFoundException', 400);
    };
    const { tail } = tailOf(stream, {});
    expect(await tail.run()).toMatchObject({ reason: 'caught-up', shards: 2 });
  });

  it('stops at once, even while the stream is unreachable', async () => {
    const stream = new ModelStream(1, true, 0, () => 1);
    stream.getRecords = async () => {
      throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    };
    const { tail } = tailOf(stream, { follow: true });
    const ended = tail.run();
    await turn();
    tail.stop();
    expect(await ended).toMatchObject({ reason: 'interrupted', records: 0 });
  });

  it('stops reading while its output is blocked', async () => {
    const stream = new ModelStream(2, true, 0, drawsFrom(7));
    for (let n = 0; n < 300; n++) stream.change();
    let reads = 0;
    const { getRecords } = stream;
    stream.getRecords = (...args) => {
      reads++;
      return getRecords.apply(stream, args);
    };
    const held: (() => void)[] = [];
    const { tail } = tailOf(
      stream,
      { follow: true },
      undefined,
      new Writable({ write: (_c, _e, done) => held.push(done) }),
    );
    const ended = tail.run();
    while (held.length === 0) await turn();
    const readsThen = reads;
    for (let n = 0; n < 200; n++) await turn();
    // At most one more page of each shard.
    expect(reads).toBeLessThanOrEqual(readsThen + 2);
    expect(held).toHaveLength(1);
    tail.stop();
    held[0]!();
    expect((await ended).reason).toBe('interrupted');
  });
});

/** @param before the number of records in the stream when the tail began, all of which must be there */
function checkLines(lines: readonly string[], stream: ModelStream, before: number): void {
  expect(new Set(lines).size).toBe(lines.length);
  const numbers = lines.map((line) => Number(line.split('#')[1]));
  expect(numbers.filter((n) => n < before)).toHaveLength(before);
  const last = new Map<string, number>();
  for (const line of lines) {
    const [key = '', text] = line.split('#');
    const number = Number(text);
    if (number <= (last.get(key) ?? -1)) throw new Error(`${line} comes after ${key}#${last.get(key)}`);
    last.set(key, number);
    if (stream.written[number]?.data?.toString() !== line) throw new Error(`${line} was never written`);
  }
  // For each key the tail wrote the first records of the stream, without gaps.
  for (const [key, end] of last) {
    const written = stream.written.filter((record) => record.key === key && Number(record.sequenceNumber) - 1 <= end);
    expect(lines.filter((line) => line.startsWith(`${key}#`))).toHaveLength(written.length);
  }
}
