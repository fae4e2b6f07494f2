import type { Position } from '../core/stream-record.js';
import type { PolledPage, ReadableStream } from '../kinesis/read/readable-stream.js';
import { nowMs } from '../system/clock.js';
import { ReadPace } from './read-pace.js';
import type { ReadPage, ShardReader, ShardReading } from './shard-reader.js';

/** Clocks differ: an iterator that is renewed by time begins a little earlier. Nothing comes twice, for nothing has come yet. */
const CLOCK_MARGIN_MS = 2_000;

/** Reads shards with GetRecords, at a pace that the service allows. */
export function pollShards(stream: ReadableStream): ShardReader {
  return (reading) => pollShard(stream, reading);
}

async function* pollShard(stream: ReadableStream, reading: ShardReading): AsyncGenerator<ReadPage, void, void> {
  const { shardId, patience, positioned, pageBytesMax } = reading;
  const pace = new ReadPace();
  const iteratorAt = (position: Position) => patience.until(() => stream.shardIterator(shardId, position));
  let { from } = reading;
  let readAtMs = Date.now();
  let iterator: string | undefined = await iteratorAt(from);
  positioned();
  while (iterator !== undefined) {
    const startedAtMs = nowMs();
    const askedAtMs = Date.now();
    const asked: string = iterator;
    const page: PolledPage | undefined = await patience.until(() =>
      expiredAsUndefined(stream.getRecords(shardId, asked, pace.countMax(pageBytesMax()))),
    );
    if (page === undefined) {
      // From LATEST nothing has come yet: a new LATEST would leave out what was written since.
      const since: Position =
        from.type === 'LATEST' ? { type: 'AT_TIMESTAMP', atMs: readAtMs - CLOCK_MARGIN_MS } : from;
      iterator = await iteratorAt(since);
      continue;
    }
    readAtMs = askedAtMs;
    const last = page.records.at(-1);
    if (last !== undefined) from = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber };
    iterator = page.next;
    yield { ...page, ended: iterator === undefined };
    const waitMs = startedAtMs + pace.nextAfterMs(page.records, page.behindMs) - nowMs();
    if (waitMs > 0 && iterator !== undefined) await patience.pause(waitMs);
  }
}

async function expiredAsUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExpiredIteratorException') return undefined;
    throw error;
  }
}
