import { generatedSource } from '../../generate/generated-source.js';
import { Router } from '../../route/router.js';
import { Schedule } from '../../schedule/schedule.js';
import { nowMs } from '../../system/clock.js';
import { PACK_BYTES, PACK_RECORDS_MAX, PackedRecords } from '../between/packed-records.js';
import { Condition } from './condition.js';
import { Feed } from './feed.js';
import { LOOKAHEAD_MS } from './feed-options.js';
import type { PackSink } from './packer.js';

/**
 * A run on a schedule would be late for its first half second, while V8 still interprets its code. So the main thread
 * feeds made-up records first, until the code is compiled. `../worker/rehearsal.ts` does the same for a worker.
 */
const RECORDS = 60_000;
const KEYS = 1000;
const RECORD_BYTES = 100;

/** Reads, schedules, routes and packs generated records, and drops them. */
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
    keepsAttributes: true,
    attributesCount: false,
    targetWord: 'stream',
    keyless: 'random' as const,
    ordered: false,
    recordBytesMax: PACK_BYTES,
    lookaheadMs: LOOKAHEAD_MS,
    skipBadRecords: false,
    count: RECORDS,
    durationMs: undefined,
    earlier: undefined,
  };
  const feed = new Feed(schedule, new Router(workers), sink, workers, new Condition(), options);
  await feed.run(generatedSource({ recordSize: RECORD_BYTES, keys: KEYS }));
}
