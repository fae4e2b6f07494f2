import { KloadError } from '../core/errors.js';
import type { Position } from '../core/stream-record.js';
import { failureOf } from '../kinesis/errors/failures.js';
import type { PushedPage, ReadableStream } from '../kinesis/read/readable-stream.js';
import { nowMs } from '../system/clock.js';
import type { ReadPage, ShardReader, ShardReading } from './shard-reader.js';

/** The service sends an event at least every 5 s: after three of these the connection is dead. */
const SILENCE_MAX_MS = 15_000;
/** A shard lets itself be subscribed to again 5 s after the last subscription began. */
const SUBSCRIBE_EVERY_MS = 5_100;

/** A shard that has something sends it sooner than this; of one that has nothing, the first event may take 5 s. */
const SILENT_AFTER_MS = 500;

/** Refusals because of another subscription, one after the other, that are taken for one that has just ended. */
const IN_USE_MAX = 3;

/** Reads shards by SubscribeToShard, which pushes records with a throughput of the consumer's own. */
export function subscribeShards(stream: ReadableStream, consumerArn: string): ShardReader {
  return async function* (reading: ShardReading): AsyncGenerator<ReadPage, void, void> {
    const { patience, signal, shardId, positioned } = reading;
    let { from } = reading;
    let hasSpoken = false;
    for (let inUse = 0; ; ) {
      const startedAtMs = nowMs();
      try {
        const pages = await patience.until(() => open(stream, reading, from, consumerArn));
        inUse = 0;
        positioned();
        if (!hasSpoken) void tellIfEmpty(stream, reading, () => hasSpoken);
        for await (const page of pages) {
          hasSpoken = true;
          yield { ...page, ended: page.continuation === undefined };
          if (page.continuation === undefined) return;
          from = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: page.continuation };
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!isInUse(error)) throwUnlessPassing(error);
        else if (++inUse > IN_USE_MAX) throw takeoverError(error, shardId);
      }
      await patience.pause(Math.max(0, startedAtMs + SUBSCRIBE_EVERY_MS - nowMs()));
    }
  };
}

/** Asks once whether a shard that says nothing has anything, so that nobody waits for it until its first event comes. */
async function tellIfEmpty(stream: ReadableStream, reading: ShardReading, hasSpoken: () => boolean): Promise<void> {
  const { shardId, from, patience, empty } = reading;
  if (empty === undefined) return;
  try {
    await patience.pause(SILENT_AFTER_MS);
    if (hasSpoken()) return;
    const { records, behindMs } = await stream.getRecords(shardId, await stream.shardIterator(shardId, from), 1);
    // A page without records may come before one with some.
    if (records.length === 0 && behindMs === 0 && !hasSpoken()) empty();
  } catch {
    // Who may subscribe need not be allowed to poll; then the first event tells.
  }
}

/** Opens one subscription; its pages end when it does, or when the service says nothing any more. */
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
          // A race with one promise for all would keep every page until the subscription ends.
          const next = await new Promise<IteratorResult<PushedPage> | undefined>((resolve, reject) => {
            leave = () => resolve(undefined);
            if (subscription.signal.aborted) leave();
            else iterator.next().then(resolve, reject);
          });
          if (next === undefined || next.done) return;
          // While the page is written nothing is awaited from the service.
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

function isInUse(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ResourceInUseException';
}

/** Two readers with one consumer would take the shard from each other for ever. */
function takeoverError(error: Error, shardId: string): KloadError {
  return new KloadError(
    'target',
    `the consumer's subscription to ${shardId} is used by another reader: ${error.message}`,
    'give each reader a consumer of its own: --fan-out NAME',
  );
}

/** Throws what another subscription would meet, too. */
function throwUnlessPassing(error: unknown): void {
  const { kind } = failureOf(error);
  if (kind === 'fatal' || kind === 'permanent') throw error;
}
