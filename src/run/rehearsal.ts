import { MessageChannel } from 'node:worker_threads';
import { nowMs } from '../core/clock.js';
import { generatedSource } from '../input/generated-source.js';
import { Router } from '../route/router.js';
import { Schedule } from '../schedule/schedule.js';
import { Bell } from './bell.js';
import { Feed } from './feed.js';
import type { SenderTask, ToWorker } from './messages.js';
import { PACK_BYTES, PACK_RECORDS_MAX, PackedRecords } from './packed-records.js';
import type { PackSink } from './packer.js';

/**
 * A run on a schedule begins at full rate, with code that the engine still interprets: it would be behind for its first
 * half second. So both halves of it are gone through before, with records that nobody sees, until they are compiled.
 */
const RECORDS = 60_000;
const PACKS = Math.ceil(RECORDS / PACK_RECORDS_MAX);
const KEYS = 1000;
const RECORD_BYTES = 100;
/** How many come due at once in the worker: a millisecond's at a high rate. */
const DUE_TOGETHER = 100;

/** The coordinator's half: reads, schedules, routes and packs generated records. */
export async function rehearseFeed(workers: number): Promise<void> {
  const packs: PackedRecords[] = [];
  const sink: PackSink = {
    hasRoom: () => true,
    emptyPack: () => packs.pop() ?? PackedRecords.allocate(PACK_RECORDS_MAX, PACK_BYTES),
    send: (_worker, pack) => {
      pack.clear();
      packs.push(pack);
    },
  };
  const schedule = new Schedule({ kind: 'constant-rate', rps: RECORDS }, nowMs() - 1000);
  const options = {
    partitionKey: undefined,
    spread: undefined,
    keepsExtras: true,
    extraCounts: false,
    keyless: 'random' as const,
    ordered: false,
    recordBytesMax: PACK_BYTES,
    skipBadRecords: false,
    count: RECORDS,
    durationMs: undefined,
    resumption: undefined,
  };
  const feed = new Feed(schedule, new Router(workers), sink, workers, new Bell(), options);
  await feed.run(generatedSource({ recordSize: RECORD_BYTES, keys: KEYS }));
}

/**
 * A worker's half: unpacks, batches, hands to a target that keeps nothing, and settles.
 *
 * @param send runs a worker's task to its end
 */
export async function rehearseSender(task: SenderTask, send: (task: SenderTask) => Promise<void>): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const sent = send({ ...task, target: { kind: 'null' }, port: port2, rehearse: false, lingerMs: 0 });
  const post = (message: ToWorker) => port1.postMessage(message);
  post({ type: 'begin', startMs: nowMs() });
  for (let pack = 0; pack < PACKS; pack++) {
    const { buffer, capacity, count, hasExtras, numbered } = packOfPast();
    post({ type: 'records', buffer, capacity, count, hasExtras, numbered });
  }
  post({ type: 'finish' });
  await sent;
  port1.close();
}

/** A full pack of records that are due already. */
function packOfPast(): PackedRecords {
  const pack = PackedRecords.allocate(PACK_RECORDS_MAX, PACK_BYTES);
  const now = nowMs();
  const records = Buffer.alloc(KEYS * RECORD_BYTES, 'x');
  for (let key = 0; key < KEYS; key++) records.writeUInt32LE(key, key * RECORD_BYTES);
  for (let i = 0; i < PACK_RECORDS_MAX; i++) {
    const at = (i % KEYS) * RECORD_BYTES;
    pack.add(records, at + 8, at + RECORD_BYTES, at, at + 8, now - i / DUE_TOGETHER, Number.NaN);
  }
  pack.copyPending();
  return pack;
}
