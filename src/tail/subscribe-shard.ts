import { isNamed, KloadError } from '../core/errors.js';
import type { Position } from '../core/stream-record.js';
import { failureOf } from '../kinesis/errors/failures.js';
import type { PushedPage, ReadableStream } from '../kinesis/read/readable-stream.js';
import { nowMs } from '../system/clock.js';
import type { ReadPage, ShardReader, ShardReading } from './shard-reader.js';

/** The service sends an event at least every 5 s, so a connection that is silent for three times as long is dead. */
const SILENCE_MAX_MS = 15_000;
/** The service allows a new subscription to a shard 5 s after the last one began. */
const SUBSCRIBE_EVERY_MS = 5_100;

/** A shard with records sends them within this time. The first event of an empty shard may take 5 s. */
const SILENT_AFTER_MS = 500;

/** So many consecutive refusals may come from a subscription that has just ended. More mean another reader. */
const IN_USE_MAX = 3;

/** Reads shards with SubscribeToShard, which pushes records and gives each consumer its own throughput. */
export function subscribeShards(stream: ReadableStream, consumerArn: string): ShardReader {
  return async function* (reading: ShardReading): AsyncGenerator<ReadPage, void, void> {
    const { retrier, signal, shardId, positioned } = reading;
    let { from } = reading;
    let hasEvent = false;
    for (let inUse = 0; ; ) {
      const startedAtMs = nowMs();
      try {
        const pages = await retrier.call(() => open(stream, reading, from, consumerArn));
        inUse = 0;
        positioned();
        if (!hasEvent) void reportIfEmpty(stream, reading, () => hasEvent);
        for await (const page of pages) {
          hasEvent = true;
          yield { ...page, ended: page.continuation === undefined };
          if (page.continuation === undefined) return;
          from = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: page.continuation };
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!isNamed(error, 'ResourceInUseException')) throwUnlessPassing(error);
        else if (++inUse > IN_USE_MAX) throw takeoverError(error, shardId);
      }
      await retrier.pause(Math.max(0, startedAtMs + SUBSCRIBE_EVERY_MS - nowMs()));
    }
  };
}

/** Checks once whether a silent shard is empty, so that the other shards need not wait for its first event. */
async function reportIfEmpty(stream: ReadableStream, reading: ShardReading, hasEvent: () => boolean): Promise<void> {
  const { shardId, from, retrier, empty } = reading;
  if (empty === undefined) return;
  try {
    await retrier.pause(SILENT_AFTER_MS);
    if (hasEvent()) return;
    const { records, behindMs } = await stream.getRecords(shardId, await stream.shardIterator(shardId, from), 1);
    // An empty page alone proves nothing: more pages may follow.
    if (records.length === 0 && behindMs === 0 && !hasEvent()) empty();
  } catch {
    // The user may be allowed to subscribe, but not to poll. Then the others wait for the first event.
  }
}

/** Opens one subscription. Its pages end when the subscription ends, or when the service goes silent. */
async function open(
  stream: ReadableStream,
  reading: ShardReading,
  from: Position,
  consumerArn: string,
): Promise<AsyncIterable<PushedPage>> {
  const { shardId, signal } = reading;
  const subscription = new AbortController();
  let leave: () => void = () => {};
  const abort = () => {
    subscription.abort();
    leave();
  };
  signal.addEventListener('abort', abort);
  let watchdog = setTimeout(abort, SILENCE_MAX_MS);
  const settle = () => {
    clearTimeout(watchdog);
    signal.removeEventListener('abort', abort);
    subscription.abort();
  };
  try {
    const pages = await stream.subscribe(shardId, from, consumerArn, subscription.signal);
    return (async function* () {
      const iterator = pages[Symbol.asyncIterator]();
      try {
        for (;;) {
          clearTimeout(watchdog);
          watchdog = setTimeout(abort, SILENCE_MAX_MS);
          // Promise.race with one long-lived promise would keep every page in memory until the subscription ends.
          const next = await new Promise<IteratorResult<PushedPage> | undefined>((resolve, reject) => {
            leave = () => resolve(undefined);
            if (subscription.signal.aborted) leave();
            else iterator.next().then(resolve, reject);
          });
          if (next === undefined || next.done) return;
          // The time for writing the page does not count as silence.
          clearTimeout(watchdog);
          yield next.value;
        }
      } finally {
        settle();
      }
    })();
  } catch (error) {
    settle();
    throw error;
  }
}

/** Two readers with one consumer would take the shard from each other forever, so the tail ends. */
function takeoverError(error: Error, shardId: string): KloadError {
  return new KloadError(
    'target',
    `the consumer's subscription to ${shardId} is used by another reader: ${error.message}`,
    'give each reader a consumer of its own: --fan-out NAME',
  );
}

/** Rethrows an error that the next subscription would meet as well. */
function throwUnlessPassing(error: unknown): void {
  const { kind } = failureOf(error);
  if (kind === 'fatal' || kind === 'permanent') throw error;
}
