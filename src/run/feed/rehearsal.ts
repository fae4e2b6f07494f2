import { BLOCK_RECORDS_MAX, RecordBlock, type Source } from '../../core/record.js';
import { NOTHING_FOUND } from '../../core/report.js';
import type { MadeRecords } from '../../generate/record-maker.js';
import { Router } from '../../route/router.js';
import { Schedule } from '../../schedule/schedule.js';
import { nowMs } from '../../system/clock.js';
import { PACK_BYTES, PACK_RECORDS_MAX, PackedRecords } from '../between/packed-records.js';
import { Condition } from './condition.js';
import { Feed } from './feed.js';
import { feedMade, LOOKAHEAD_MS } from './feed-options.js';
import type { PackSink } from './packer.js';

/**
 * A run on a schedule would be late for its first half second, while V8 still interprets its code. So the main thread
 * feeds made-up records first, until the code is compiled. `../worker/rehearsal.ts` does the same for a worker.
 */
const RECORDS = 60_000;
const KEYS = 1000;
const RECORD_BYTES = 100;

/**
 * Reads, schedules, routes and packs records, and drops them.
 *
 * @param made what the workers make the records of the run from; undefined if they are read
 */
export async function rehearseFeed(workers: number, made: MadeRecords | undefined): Promise<void> {
  const packs: PackedRecords[] = [];
  const sink: PackSink = {
    hasRoom: () => true,
    emptyPack: () => packs.pop() ?? PackedRecords.allocate(PACK_RECORDS_MAX, PACK_BYTES, made !== undefined),
    send: (_worker, pack) => {
      pack.clear();
      packs.push(pack);
    },
  };
  const schedule = new Schedule({ kind: 'constant-rate', rps: RECORDS }, nowMs() - 1000);
  const options = {
    made: made && { ...feedMade(made), bytes: RECORD_BYTES },
    deal: undefined,
    turn: undefined,
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
  await feed.run(rehearsed(made !== undefined));
}

function rehearsed(areMade: boolean): Source {
  return {
    found: NOTHING_FOUND,
    progress: () => ({ done: 0, total: undefined }),
    async *blocks() {
      const block = areMade ? RecordBlock.ofMade(BLOCK_RECORDS_MAX) : blockOfBytes();
      for (;;) yield block;
    },
  };
}

/** Records of `RECORD_BYTES`, each with one of some keys. */
function blockOfBytes(): RecordBlock {
  const block = new RecordBlock();
  const bytes = Buffer.alloc(BLOCK_RECORDS_MAX * RECORD_BYTES);
  block.reset('rehearsal', bytes);
  for (let start = 0; start < bytes.length; start += RECORD_BYTES) {
    bytes.writeUInt32LE(block.count % KEYS, start);
    block.add(start, start + RECORD_BYTES, Number.NaN, block.count);
    block.setKey(start, start + 8);
  }
  return block;
}
