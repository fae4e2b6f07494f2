import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DataDirError } from '../../../src/emulator/disk/data-dir-error.js';
import { DiskStore } from '../../../src/emulator/disk/disk-store.js';
import { RecordBatch } from '../../../src/emulator/store/record-batch.js';
import { RecordLog } from '../../../src/emulator/store/record-log.js';
import { SegmentPool } from '../../../src/emulator/store/segment-pool.js';
import type { ShardState, StreamState } from '../../../src/emulator/store/stream-state.js';
import { runs } from '../../support/runs.js';
import { logFiles, newestFile, temporaryFolder } from './support.js';

const SHARD: ShardState = { index: 0, range: ['0', '1'], createdAtMs: 1, epochSeconds: 1 };
const STREAM: StreamState = {
  ...{ name: 's', account: '000000000000', region: 'us-east-1', id: 'abcdefghij0123456789-abc', createdAtMs: 1 },
  ...{ mode: 'PROVISIONED', retentionHours: 24, maxRecordSizeInKiB: 1024, encryption: { type: 'NONE' }, tags: {} },
  ...{ shardLevelMetrics: [], consumers: [], shards: [SHARD], shardCountUpdatesMs: [], modeUpdatesMs: [] },
  trimmedBeforeMs: 0,
};

interface Entry {
  readonly key: string;
  readonly data: string;
  readonly atMs: number;
}

/** One shard's log in a data folder. */
class Opened {
  readonly notices: string[] = [];
  store!: DiskStore;
  log!: RecordLog;

  static async in(folder: string, memoryMaxBytes = 1e9): Promise<Opened> {
    const opened = new Opened();
    opened.store = await DiskStore.open({ folder, sync: 'os', notice: (text) => opened.notices.push(text) });
    try {
      const pool = new SegmentPool(memoryMaxBytes);
      opened.log = new RecordLog(pool, opened.store.open(STREAM.id, SHARD, pool.segmentBytesMax));
    } catch (error) {
      await opened.store.close();
      throw error;
    }
    return opened;
  }

  /** Stores records as one request. */
  put(entries: readonly Entry[]): void {
    for (const { key, data, atMs } of entries) {
      const batch = RecordBatch.take();
      batch.add(key, Buffer.from(data), undefined);
      this.log.append(batch, 0, atMs);
      batch.release();
    }
    this.store.commit();
  }

  all(): Entry[] {
    return this.log.read(this.log.oldest, 1e9, 1e9).flatMap(({ segment, from, end }) =>
      Array.from({ length: end - from }, (_, i) => ({
        key: segment.key(from + i),
        data: segment.data(from + i).toString(),
        atMs: segment.atMs(from + i),
      })),
    );
  }
}

/** Stores requests in a new folder and closes it. Returns the requests with their times. */
async function written(folder: string, requests: readonly (readonly Omit<Entry, 'atMs'>[])[]): Promise<Entry[][]> {
  const opened = await Opened.in(folder);
  opened.store.streamChanged(STREAM);
  const timed = requests.map((entries, i) => entries.map((entry) => ({ ...entry, atMs: 1000 + i })));
  for (const entries of timed) opened.put(entries);
  await opened.store.close();
  return timed;
}

async function reopened<T>(folder: string, look: (opened: Opened) => T): Promise<Awaited<T>> {
  const opened = await Opened.in(folder);
  try {
    return await look(opened);
  } finally {
    await opened.store.close();
  }
}

const entry = fc.record({
  key: fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
  data: fc.oneof(fc.string({ maxLength: 40 }), fc.constant('KFRM'), fc.constant('')),
});
const requests = fc.array(fc.array(entry, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });

describe('log files', () => {
  test('return whatever was written', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (script) => {
        const folder = temporaryFolder();
        const timed = await written(folder, script);
        expect(await reopened(folder, (opened) => opened.all())).toEqual(timed.flat());
      }),
      { numRuns: runs(15) },
    );
  });

  test('that are cut off anywhere keep all requests before the cut, and continue from there', async () => {
    const folder = temporaryFolder();
    const script = [['a'], ['b', 'c'], ['d']].map((keys) => keys.map((key) => ({ key, data: `KFRM of ${key}` })));
    const timed = await written(folder, script);
    const [path = ''] = logFiles(folder);
    const whole = readFileSync(path);
    const cuts = runs(whole.length);
    for (let cut = 0; cut < cuts; cut++) {
      const length = Math.floor((cut * whole.length) / cuts);
      writeFileSync(path, whole.subarray(0, length));
      // Without this file, it is not known that the start of the log was on disk.
      rmSync(newestFile(folder), { force: true });
      const { entries, notices } = await reopened(folder, (opened) => ({
        entries: opened.all(),
        notices: [...opened.notices],
      }));
      const kept = timed.findIndex((_, n) => timed.slice(0, n + 1).flat().length > entries.length);
      expect(entries).toEqual(timed.slice(0, kept).flat());
      const left = logFiles(folder).length === 0 ? 0 : statSync(path).size;
      if (left !== length) expect(notices).toEqual([expect.stringContaining(`cut ${length - left} bytes`)]);
      // The next request is written at the cut, and survives.
      if (cut % 8 === 0) {
        const more = { key: 'more', data: 'x', atMs: 2000 };
        await reopened(folder, (opened) => opened.put([more]));
        expect(await reopened(folder, (opened) => opened.all())).toEqual([...entries, more]);
      }
    }
  });

  test('with a changed byte before the last request are refused with the byte offset', async () => {
    const folder = temporaryFolder();
    const script = [['a'], ['b'], ['c']].map((keys) => keys.map((key) => ({ key, data: `data of ${key}` })));
    await written(folder, script);
    const [path = ''] = logFiles(folder);
    const whole = readFileSync(path);
    const lastFrame = whole.lastIndexOf('KFRM');
    const changes = runs(lastFrame);
    for (let change = 0; change < changes; change++) {
      const at = Math.floor((change * lastFrame) / changes);
      const changed = Buffer.from(whole);
      changed[at]! ^= 1 << (at % 8);
      writeFileSync(path, changed);
      await expect(Opened.in(folder)).rejects.toThrow(
        /\.log is damaged at byte \d+: .*(intact records follow|does not begin)/,
      );
    }
  });

  test('are not changed by a request after the store was closed', async () => {
    const folder = temporaryFolder();
    await written(folder, [[{ key: 'k', data: 'd' }]]);
    const late = await Opened.in(folder);
    await late.store.close();
    const next = await Opened.in(folder);
    late.put([{ key: 'k', data: 'late', atMs: 2000 }]);
    next.put([{ key: 'k', data: 'next', atMs: 3000 }]);
    await next.store.close();
    const last = await Opened.in(folder);
    expect(last.all().map(({ data }) => data)).toEqual(['d', 'next']);
    expect(last.notices).toEqual([]);
    await last.store.close();
  });

  test('are refused if one between others is missing', async () => {
    const folder = temporaryFolder();
    const big = 'x'.repeat(900_000);
    await written(
      folder,
      Array.from({ length: 50 }, (_, n) => [{ key: String(n), data: big }]),
    );
    const files = logFiles(folder);
    expect(files.length).toBeGreaterThan(2);
    rmSync(files[1]!);
    await expect(Opened.in(folder)).rejects.toThrow(
      /is damaged: records before it are missing: it begins with record \d+ instead of \d+/,
    );
  });

  test('are refused if the newest one is missing, until the user deletes logs.json', async () => {
    const folder = temporaryFolder();
    await written(folder, [[{ key: 'k', data: 'd' }]]);
    const [path = ''] = logFiles(folder);
    rmSync(path);
    await expect(Opened.in(folder)).rejects.toMatchObject({
      message: `${path} is damaged: the newest file of a log is missing or empty`,
      hint: expect.stringContaining('or delete logs.json beside it to continue without the file'),
    });
    rmSync(newestFile(folder));
    expect(await reopened(folder, (opened) => opened.all())).toEqual([]);
  });

  test('with a hole are refused, and following the hint keeps the records before it', async () => {
    const folder = temporaryFolder();
    const big = 'x'.repeat(900_000);
    const timed = await written(
      folder,
      Array.from({ length: 40 }, (_, n) => [{ key: String(n), data: big }]),
    );
    const [first = '', ...others] = logFiles(folder);
    const content = readFileSync(first);
    content.fill(0, 1_000_000, 1_100_000);
    writeFileSync(first, content);
    const error = await Opened.in(folder).then(
      () => undefined,
      (reason: DataDirError) => reason,
    );
    expect(error?.message).toMatch(
      /intact records follow at byte \d+; the disk is failing, or the power was cut with --sync os/,
    );
    const [, bytes = ''] = /cut the file to (\d+) bytes and delete .*, logs.json$/.exec(error?.hint ?? '') ?? [];
    expect(error?.hint).toContain(others.map((path) => basename(path)).join(', '));
    truncateSync(first, Number(bytes));
    for (const path of [...others, newestFile(folder)]) rmSync(path);
    expect(await reopened(folder, (opened) => opened.all())).toEqual(timed.flat().slice(0, 1));
  });

  test('are read for records that do not fit into memory, and deleted after retention', async () => {
    const folder = temporaryFolder();
    const opened = await Opened.in(folder, 1024 * 1024);
    opened.store.streamChanged(STREAM);
    const data = 'y'.repeat(100_000);
    for (let n = 0; n < 400; n++) opened.put([{ key: `key ${n}`, data: `${n} ${data}`, atMs: 1000 + n }]);
    const keys = () => opened.all().map(({ key, data }) => `${key} ${data.split(' ')[0]}`);
    expect(keys()).toEqual(Array.from({ length: 400 }, (_, n) => `key ${n} ${n}`));
    expect(opened.log.positionAt(1123)).toBe(124);
    const before = logFiles(folder).length;
    opened.log.trim(1390);
    expect(keys()).toEqual(Array.from({ length: 10 }, (_, n) => `key ${390 + n} ${390 + n}`));
    await expect.poll(() => logFiles(folder).length).toBeLessThan(before);
    await opened.store.close();
    await reopened(folder, async (again) => {
      again.log.trim(1390);
      expect(again.all().map(({ key }) => key)).toEqual(Array.from({ length: 10 }, (_, n) => `key ${390 + n}`));
      expect(again.log.next).toBe(401);
      // All records have left: the next one starts a new file, and the old files can be deleted.
      again.log.trim(5000);
      again.put([{ key: 'next', data: '', atMs: 6000 }]);
      again.log.trim(5000);
      await expect.poll(() => logFiles(folder)).toHaveLength(1);
      expect(again.all()).toEqual([{ key: 'next', data: '', atMs: 6000 }]);
      expect(again.log.oldest).toBe(401);
    });
    expect(await reopened(folder, (again) => again.log.next)).toBe(402);
  });
});
