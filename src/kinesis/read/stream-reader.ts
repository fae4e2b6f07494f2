import {
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import type { Failure } from '../../core/failure.js';
import type { Position } from '../../core/stream-record.js';
import { connectTimeoutMs, createFanOutClient, createKinesisClient, type KinesisConnection } from '../client/client.js';
import { failureOf } from '../errors/failures.js';
import { fanOutError, targetError } from '../errors/target-error.js';
import { eventBytes, payloadsOnly } from './event-payloads.js';
import { GetRecordsClient } from './get-records-client.js';
import { readPage } from './page-reader.js';
import type { ListedShard, PolledPage, PushedPage, ReadableStream } from './readable-stream.js';
import { isOpen, type ListedByService, listAllShards } from './shard-list.js';

/** The limit on concurrent requests: enough to poll thousands of shards once a second. */
const REQUESTS_MAX = 64;

/** Reads a stream, one attempt per call: records by kload's own client, all else through the SDK. */
export class StreamReader implements ReadableStream {
  readonly #connection: KinesisConnection;
  readonly #client: KinesisClient;
  readonly #getRecords: GetRecordsClient;
  #fanOut: KinesisClient | undefined;

  constructor(connection: KinesisConnection) {
    this.#connection = connection;
    this.#client = createKinesisClient(connection, REQUESTS_MAX);
    const timeouts = { connectMs: connectTimeoutMs(connection), requestMs: connection.requestTimeoutMs };
    this.#getRecords = new GetRecordsClient(this.#client, connection, REQUESTS_MAX, timeouts);
  }

  async listShards(endedAfterMs: number | undefined): Promise<ListedShard[]> {
    const filter =
      endedAfterMs === undefined
        ? {}
        : { ShardFilter: { Type: 'FROM_TIMESTAMP', Timestamp: new Date(endedAfterMs) } as const };
    const shards = await listAllShards(this.#connection, filter, (input) =>
      this.#client.send(new ListShardsCommand(input)),
    );
    return shards.map(listedShard);
  }

  async shardIterator(shardId: string, position: Position): Promise<string> {
    const { type } = position;
    const { ShardIterator } = await this.#client.send(
      new GetShardIteratorCommand({
        ...this.#connection.stream,
        ShardId: shardId,
        ShardIteratorType: type,
        ...(type === 'AT_TIMESTAMP' ? { Timestamp: new Date(position.atMs) } : {}),
        ...('sequenceNumber' in position ? { StartingSequenceNumber: position.sequenceNumber } : {}),
      }),
    );
    return ShardIterator ?? '';
  }

  async getRecords(shardId: string, iterator: string, countMax: number): Promise<PolledPage> {
    const { nextIterator, ...page } = await this.#getRecords.get(shardId, iterator, countMax);
    return { ...page, next: nextIterator };
  }

  async subscribe(
    shardId: string,
    position: Position,
    consumerArn: string,
    signal: AbortSignal,
  ): Promise<AsyncIterable<PushedPage>> {
    if (this.#fanOut === undefined) {
      this.#fanOut = createFanOutClient(this.#connection, payloadsOnly);
      // The SDK does not learn the service's time from a subscription.
      this.#fanOut.config.systemClockOffset = this.#client.config.systemClockOffset;
    }
    const { type } = position;
    const command = new SubscribeToShardCommand({
      ConsumerARN: consumerArn,
      ShardId: shardId,
      StartingPosition: {
        Type: type,
        ...(type === 'AT_TIMESTAMP' ? { Timestamp: new Date(position.atMs) } : {}),
        ...('sequenceNumber' in position ? { SequenceNumber: position.sequenceNumber } : {}),
      },
    });
    try {
      const { EventStream = [] } = await this.#fanOut.send(command, { abortSignal: signal });
      return pushedPages(shardId, EventStream);
    } catch (error) {
      throw subscriptionError(error);
    }
  }

  failureOf(error: unknown): Failure {
    return failureOf(error);
  }

  explain(error: unknown): unknown {
    return this.#fanOut === undefined ? targetError(error, this.#connection) : fanOutError(error, this.#connection);
  }

  close(): void {
    this.#getRecords.close();
    this.#client.destroy();
    this.#fanOut?.destroy();
  }
}

type Events = AsyncIterable<{ readonly SubscribeToShardEvent?: unknown }>;

async function* pushedPages(shardId: string, events: Events | readonly never[]): AsyncGenerator<PushedPage> {
  try {
    for await (const { SubscribeToShardEvent: event } of events) {
      if (event === undefined) continue;
      const { continuation, ...page } = readPage(eventBytes(event), shardId);
      yield { ...page, continuation: continuation || undefined };
    }
  } catch (error) {
    throw subscriptionError(error);
  }
}

/** Adds what the SDK leaves out: a code if HTTP/2 broke, and a status if the service failed inside the event stream. */
function subscriptionError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'InternalFailureException') return Object.assign(error, { $metadata: { httpStatusCode: 500 } });
  if (error.name === 'Error' && !('code' in error)) return Object.assign(error, { code: 'HTTP2_BROKE_OFF' });
  return error;
}

function listedShard(shard: ListedByService): ListedShard {
  const { ShardId, ParentShardId, AdjacentParentShardId } = shard;
  const parents = [ParentShardId, AdjacentParentShardId].filter((id) => typeof id === 'string');
  return { id: ShardId, parents, closed: !isOpen(shard) };
}
