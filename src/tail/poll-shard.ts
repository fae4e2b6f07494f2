import { isNamed } from '../core/errors.js';
import type { Position } from '../core/stream-record.js';
import type { PolledPage, ReadableStream } from '../kinesis/read/readable-stream.js';
import { nowMs } from '../system/clock.js';
import { ReadPace } from './read-pace.js';
import type { ReadPage, ShardReader, ShardReading } from './shard-reader.js';

/** An iterator that is renewed by time begins this much earlier, because clocks differ. */
const CLOCK_MARGIN_MS = 2_000;

/** How long a shard that throttled a fast read is left alone, so that its limits apply to a new second. */
const THROTTLED_PAUSE_MS = 1_000;

/**
 * Reads shards with GetRecords.
 *
 * @param isPolite whether to keep to the service's limits from the start, and not only where a shard throttles
 */
export function pollShards(stream: ReadableStream, isPolite: boolean): ShardReader {
  return (reading) => pollShard(stream, isPolite, reading);
}

async function* pollShard(
  stream: ReadableStream,
  isPolite: boolean,
  reading: ShardReading,
): AsyncGenerator<ReadPage, void, void> {
  const { shardId, retrier, positioned, pageBytesMax } = reading;
  const pace = new ReadPace(isPolite);
  const iteratorAt = (position: Position) => retrier.call(() => stream.shardIterator(shardId, position));
  let { from } = reading;
  let readAtMs = Date.now();
  let iterator: string | undefined = await iteratorAt(from);
  positioned();
  while (iterator !== undefined) {
    const startedAtMs = nowMs();
    const requestedAtMs = Date.now();
    const current: string = iterator;
    const page: PolledPage | 'expired' | 'throttled' = await retrier.call(() =>
      stream
        .getRecords(shardId, current, pace.countMax(pageBytesMax()))
        .catch((error) => expected(error, pace.isPolite(startedAtMs))),
    );
    if (page === 'throttled') {
      pace.throttled(nowMs());
      await retrier.pause(THROTTLED_PAUSE_MS);
      continue;
    }
    if (page === 'expired') {
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
    const waitMs = startedAtMs + pace.nextAfterMs(page.records, page.behindMs, startedAtMs) - nowMs();
    if (waitMs > 0 && iterator !== undefined) await retrier.pause(waitMs);
  }
}

/** Tells errors that a reader expects. A throttle is one only if the reads were faster than the service's limits. */
function expected(error: unknown, isPolite: boolean): 'expired' | 'throttled' {
  if (isNamed(error, 'ExpiredIteratorException')) return 'expired';
  if (!isPolite && isNamed(error, 'ProvisionedThroughputExceededException')) return 'throttled';
  throw error;
}
