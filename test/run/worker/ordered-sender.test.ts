import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Snapshot } from '../../../src/core/snapshot.js';
import { LOCAL_CREDENTIALS } from '../../../src/kinesis/client/client.js';
import type { StreamConfig } from '../../../src/kinesis/open-target.js';
import type { FromWorker, SenderResult, SenderTask, ToWorker } from '../../../src/run/between/messages.js';
import { runSender } from '../../../src/run/worker/sender.js';
import { nowMs } from '../../../src/system/clock.js';
import { orderOf } from '../../support/order.js';
import { randomFrom } from '../../support/random.js';
import { runs } from '../../support/runs.js';
import { RandomService } from '../random-service.js';
import { type GivenRecord, packOf } from '../records.js';

interface Setting {
  /** The key of each record, in input order. */
  readonly keys: readonly string[];
  readonly packSize: number;
  readonly scheduled: boolean;
  readonly maxAttempts: number | undefined;
  readonly lingerMs: number;
  readonly seed: number;
}

const settings = fc.record<Setting>({
  keys: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'ü', 'f', 'g', 'h'), { minLength: 1, maxLength: 40 }),
  packSize: fc.integer({ min: 1, max: 20 }),
  scheduled: fc.boolean(),
  maxAttempts: fc.constantFrom(undefined, 2),
  lingerMs: fc.constantFrom(0, 5),
  seed: fc.nat({ max: 2 ** 31 - 1 }),
});

it('a record goes when all earlier ones of its key are settled, for any responses', { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(settings, async (setting) => {
      await using service = new RandomService(randomFrom(setting.seed));
      const { result, snapshots } = await send(setting, await service.listen());
      expect(service.overlaps).toEqual([]);
      // Each record is sent, also repeatedly, until it is settled, before the next one of its key.
      expect(orderOf(service.offered.map(placed)).wrong).toEqual([]);
      const { wrong, repeated } = orderOf(service.stored.map(placed));
      expect(wrong).toEqual([]);

      const sum = (of: (snapshot: Snapshot) => number) => snapshots.reduce((all, snapshot) => all + of(snapshot), 0);
      const [sent, failed] = (['sent', 'failed'] as const).map((what) =>
        sum(({ intervals }) => intervals.reduce((all, interval) => all + interval[what], 0)),
      );
      expect(result).toMatchObject({ received: setting.keys.length, unsent: 0 });
      expect(sent! + failed!).toBe(setting.keys.length);
      const distinct = new Set(service.stored.map(({ data }) => data)).size;
      const [maybeDuplicated, inDoubt] = [sum((one) => one.maybeDuplicated), sum((one) => one.inDoubt)];
      expect(distinct).toBeGreaterThanOrEqual(sent!);
      expect(distinct).toBeLessThanOrEqual(sent! + inDoubt);
      expect(repeated.size).toBeLessThanOrEqual(maybeDuplicated + inDoubt);
      expect(snapshots.at(-1)!.gauges).toMatchObject({ held: 0, waitingForKey: 0, behindMs: 0 });
    }),
    { numRuns: runs(30) },
  ),
);

const placed = ({ key, data }: { key: string; data: string }) => ({ key, n: Number(data) });

/** Sends the records with a worker in this thread. */
async function send(
  setting: Setting,
  endpoint: string,
): Promise<{ readonly result: SenderResult; readonly snapshots: Snapshot[] }> {
  const { port1, port2 } = new MessageChannel();
  const snapshots: Snapshot[] = [];
  let result: SenderResult | undefined;
  const done = new Promise<void>((resolve) => {
    port1.on('message', (message: FromWorker) => {
      if (message.type === 'snapshot') snapshots.push(message.snapshot);
      if (message.type !== 'done') return;
      result = message.result;
      snapshots.push(message.result.snapshot);
      resolve();
    });
  });
  const ended = runSender(taskOf(setting, endpoint, port2));
  const post = (message: ToWorker) => port1.postMessage(message);
  post({ type: 'begin', startMs: nowMs() });
  const records = setting.keys.map((key, n): GivenRecord => {
    return { key, data: String(n), dueMs: setting.scheduled ? nowMs() + n : Number.NEGATIVE_INFINITY };
  });
  for (let from = 0; from < records.length; from += setting.packSize) {
    const { buffer, capacity, count, hasAttributes, numbered } = packOf(records.slice(from, from + setting.packSize));
    post({ type: 'records', buffer, capacity, count, hasAttributes, numbered });
  }
  post({ type: 'finish' });
  await ended;
  await done;
  port1.close();
  return { result: result!, snapshots };
}

const SHARDS = [{ id: 'shardId-000000000000', startingHashKey: 0n, endingHashKey: 2n ** 128n - 1n }];

function taskOf({ maxAttempts, lingerMs }: Setting, endpoint: string, port: SenderTask['port']): SenderTask {
  const connection = {
    region: 'us-east-1',
    profile: undefined,
    endpoint,
    stream: { StreamName: 's' },
    requestTimeoutMs: 10_000,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    ca: undefined,
    usesProxies: false,
    credentials: LOCAL_CREDENTIALS,
  };
  const target: StreamConfig = { kind: 'kinesis', connection, wire: 'json', shards: SHARDS };
  return {
    workerId: 0,
    workers: 1,
    port,
    target,
    limits: { batchRecordsMax: 5, batchBytesMax: 1_000_000 },
    recordOverheadBytes: 0,
    lingerMs,
    ordered: true,
    requestsInFlightMax: 4,
    maxAttempts,
    isTimed: false,
    yields: false,
    deadLetters: false,
    made: undefined,
  };
}
