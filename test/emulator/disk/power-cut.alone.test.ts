import type * as Fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { DataDirError } from '../../../src/emulator/disk/data-dir-error.js';
import { DiskStore, type SyncPolicy } from '../../../src/emulator/disk/disk-store.js';
import { RecordBatch } from '../../../src/emulator/store/record-batch.js';
import { RecordLog } from '../../../src/emulator/store/record-log.js';
import { SegmentPool } from '../../../src/emulator/store/segment-pool.js';
import type { ShardState, StreamState } from '../../../src/emulator/store/stream-state.js';
import type { RecordedDisk } from './recorded-disk.js';
import { temporaryFolder } from './support.js';

const { disk } = vi.hoisted(() => ({ disk: {} as { recorded: RecordedDisk } }));
vi.mock('node:fs', async (original) => {
  const { RecordedDisk } = await import('./recorded-disk.js');
  disk.recorded = new RecordedDisk();
  return disk.recorded.around(await original<typeof Fs>());
});

const pool = new SegmentPool(1e9);

function newStream(): StreamState {
  return {
    ...{ name: 's', account: '000000000000', region: 'us-east-1', id: 'abcdefghij0123456789-abc', createdAtMs: 1 },
    ...{ mode: 'PROVISIONED', retentionHours: 24, maxRecordSizeInKiB: 1024, encryption: { type: 'NONE' }, tags: {} },
    ...{ shardLevelMetrics: [], consumers: [], shards: [newShard(0)], shardCountUpdatesMs: [], modeUpdatesMs: [] },
    trimmedBeforeMs: 0,
  };
}

const newShard = (index: number): ShardState => ({ index, range: ['0', '1'], createdAtMs: 1, epochSeconds: 1 });

/** Acts as clients of one stream, whose last shard takes the records. */
class Script {
  /** The data of all records, by shard. */
  readonly put: string[][] = [[]];
  /** When it was acknowledged that the stream exists, or that `count` records of a shard are stored. */
  readonly promises: { readonly moment: number; readonly shard: number; readonly count: number }[] = [];
  readonly #store: DiskStore;
  readonly #state = newStream();
  #log: RecordLog;
  #last: Promise<void> = Promise.resolve();
  #now = 1000;

  constructor(store: DiskStore) {
    this.#store = store;
    this.#log = this.#open(this.#state.shards[0]!);
    this.#commit();
  }

  step(kind: number, bytes: number): Promise<void> | undefined {
    this.#now++;
    if (kind === 0) return this.#last;
    if (kind === 1) this.#log.trim(this.#now);
    if (kind === 2) this.#reshard();
    if (kind > 2) this.#put(bytes);
    this.#commit(kind > 2 ? this.put.at(-1)!.length : 0);
    return undefined;
  }

  get ended(): Promise<void> {
    return this.#last;
  }

  #open(shard: ShardState): RecordLog {
    this.#store.streamChanged(this.#state);
    return new RecordLog(pool, this.#store.open(this.#state.id, shard, pool.segmentBytesMax));
  }

  #put(bytes: number): void {
    const data = `${this.#now} `.padEnd(bytes, 'x');
    const batch = RecordBatch.take();
    batch.add('key', Buffer.from(data), undefined);
    this.#log.append(batch, 0, this.#now);
    batch.release();
    this.put.at(-1)!.push(data);
  }

  #reshard(): void {
    Object.assign(this.#state.shards.at(-1)!, { closedAtMs: this.#now, endPosition: this.#log.next });
    this.#state.shards.push(newShard(this.#state.shards.length));
    this.put.push([]);
    this.#log = this.#open(this.#state.shards.at(-1)!);
  }

  /** @param count records of the shard that this acknowledges */
  #commit(count = 0): void {
    const shard = this.put.length - 1;
    const promised = () => void this.promises.push({ moment: disk.recorded.moment, shard, count });
    const safe = this.#store.commit();
    if (safe === undefined) promised();
    else this.#last = Promise.all([this.#last, safe.then(promised)]).then(() => {});
  }
}

/** For each shard, the data of all records and the first and next positions. */
async function recovered(folder: string, sync: SyncPolicy) {
  const store = await DiskStore.open({ folder, sync, notice: () => {} });
  try {
    const [stream] = store.saved.streams;
    const logs = stream?.shards.map((shard) => new RecordLog(pool, store.open(stream.id, shard, pool.segmentBytesMax)));
    return logs?.map((log) => ({
      first: log.oldest,
      next: log.next,
      data: log
        .read(log.oldest, 1e9, 1e9)
        .flatMap(({ segment, from, end }) =>
          Array.from({ length: end - from }, (_, i) => segment.data(from + i).toString()),
        ),
    }));
  } finally {
    await store.close();
  }
}

/** Pseudo-random numbers from a seed. */
function chooser(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Pairs of kind and bytes. Kind 0 waits for all puts, 1 trims, 2 reshards, all others put a record of this size. */
const steps = fc.array(fc.tuple(fc.noBias(fc.integer({ min: 0, max: 9 })), fc.integer({ min: 1, max: 900 })), {
  minLength: 10,
  maxLength: 40,
  size: 'max',
});
/** Pairs of when the power is cut, in thousandths of all events, and the seed for what the disk then does. */
const cuts = fc.array(fc.tuple(fc.noBias(fc.integer({ min: 0, max: 1000 })), fc.noBias(fc.nat())), {
  minLength: 20,
  maxLength: 20,
});

async function played(sync: SyncPolicy, script: readonly [number, number][]): Promise<Script> {
  const folder = join(temporaryFolder(), 'data');
  const fs = await vi.importActual<typeof Fs>('node:fs');
  fs.mkdirSync(folder);
  disk.recorded.watch(folder);
  const store = await DiskStore.open({ folder, sync, fileBytesMax: 1000, notice: () => {} });
  const played = new Script(store);
  for (const [kind, bytes] of script) await played.step(kind, bytes);
  await played.ended;
  await store.close();
  return played;
}

/** What a start finds after a cut, and what was acknowledged before it. Checks that what is found is right. */
async function foundAfter(sync: SyncPolicy, { put, promises }: Script, [at, seed]: [number, number]) {
  const fs = await vi.importActual<typeof Fs>('node:fs');
  const moment = Math.round((at / 1000) * disk.recorded.moment);
  const target = join(temporaryFolder(), 'cut');
  disk.recorded.restore(fs, target, moment, chooser(seed));
  const found = await recovered(target, sync);
  // A second start finds the same.
  expect(await recovered(target, sync)).toEqual(found);
  const held = promises.filter((promise) => promise.moment <= moment);
  if (held.length > 0) expect(found).toBeDefined();
  for (const [shard, { first, next, data }] of (found ?? []).entries()) {
    expect(data).toEqual(put[shard]?.slice(first - 1, next - 1));
    // A closed shard has all of its records, whatever the policy.
    if (shard < found!.length - 1) expect(next).toBe(put[shard]!.length + 1);
  }
  return { found, held };
}

test('with --sync always a power cut at any moment loses nothing acknowledged and leaves a usable folder', {
  tags: 'long',
}, async () => {
  await fc.assert(
    fc.asyncProperty(steps, cuts, async (script, all) => {
      const done = await played('always', script);
      for (const cut of all) {
        const { found, held } = await foundAfter('always', done, cut);
        for (const { shard, count } of held) expect(found?.[shard]?.next).toBeGreaterThan(count);
      }
    }),
    { numRuns: 10, endOnFailure: true },
  );
});

test('with --sync os a power cut leaves the first records written, or an error that says what to do', {
  tags: 'long',
}, async () => {
  await fc.assert(
    fc.asyncProperty(steps, cuts, async (script, all) => {
      const done = await played('os', script);
      for (const cut of all) {
        await foundAfter('os', done, cut).catch((error: unknown) => {
          if (!(error instanceof DataDirError)) throw error;
          expect(error.message).toContain('the power was cut with --sync os');
          expect(error.hint).toContain('or, to keep the records before it, ');
        });
      }
    }),
    { numRuns: 10, endOnFailure: true },
  );
});
