import { isNamed } from '../core/errors.js';
import type { Position } from '../core/stream-record.js';
import type { PolledPage, ReadableStream } from '../kinesis/read/readable-stream.js';
import { nowMs } from '../system/clock.js';
import { ReadPace } from './read-pace.js';
import type { ReadPage, ShardReader, ShardReading } from './shard-reader.js';

/** An iterator that is renewed by time begins this much earlier, because clocks differ. */
const CLOCK_MARGIN_MS = 2_000;

/** Reads shards with GetRecords, within the service's limits. */
export function pollShards(stream: ReadableStream): ShardReader {
  return (reading) => pollShard(stream, reading);
}

async function* pollShard(stream: ReadableStream, reading: ShardReading): AsyncGenerator<ReadPage, void, void> {
  const { shardId, retrier, positioned, pageBytesMax } = reading;
  const pace = new ReadPace();
  const iteratorAt = (position: Position) => retrier.call(() => stream.shardIterator(shardId, position));
  let { from } = reading;
  let readAtMs = Date.now();
  let iterator: string | undefined = await iteratorAt(from);
  positioned();
  while (iterator !== undefined) {
    const startedAtMs = nowMs();
    const requestedAtMs = Date.now();
    const current: string = iterator;
    const page: PolledPage | undefined = await retrier.call(() =>
      stream.getRecords(shardId, current, pace.countMax(pageBytesMax())).catch(undefinedIfExpired),
    );
    if (page === undefined) {
      // No record has come since LATEST. A new LATEST iterator would skip records written since then; this repeats
      // none.
      const since: Position =
        from.type === 'LATEST' ? { type: 'AT_TIMESTAMP', atMs: readAtMs - CLOCK_MARGIN_MS } : from;
      iterator = await iteratorAt(since);
      continue;
    }
    readAtMs = requestedAtMs;
    const last = page.records.at(-1);
    if (last !== undefined) from = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber };
    iterator = page.next;
    yield { ...page, ended: iterator === undefined };
    const waitMs = startedAtMs + pace.nextAfterMs(page.records, page.behindMs) - nowMs();
    if (waitMs > 0 && iterator !== undefined) await retrier.pause(waitMs);
  }
}

function undefinedIfExpired(error: unknown): undefined {
  if (!isNamed(error, 'ExpiredIteratorException')) throw error;
}
