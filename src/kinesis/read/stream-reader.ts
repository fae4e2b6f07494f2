import {
  type ChildShard as ChildShardOutput,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type _Record as RecordOutput,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import type { Failure } from '../../core/failure.js';
import type { Position, StreamRecord } from '../../core/stream-record.js';
import { createFanOutClient, createKinesisClient, type KinesisConnection } from '../client/client.js';
import { failureOf } from '../errors/failures.js';
import { fanOutError, targetError } from '../errors/target-error.js';
import type { ChildShard, ListedShard, PolledPage, PushedPage, ReadableStream } from './readable-stream.js';
import { isOpen, type ListedByService, listAllShards } from './shard-list.js';

/** The limit on concurrent requests: enough to poll thousands of shards once a second. */
const REQUESTS_MAX = 64;

/** Reads a stream through the SDK, one attempt per call. */
export class StreamReader implements ReadableStream {
  readonly #connection: KinesisConnection;
  readonly #client: KinesisClient;
  #fanOut: KinesisClient | undefined;

  constructor(connection: KinesisConnection) {
    this.#connection = connection;
    this.#client = createKinesisClient(connection, REQUESTS_MAX);
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
    // The service needs the ARN to find a stream of another account.
    const { stream } = this.#connection;
    const arn = 'StreamARN' in stream ? stream : {};
    const page = await this.#client.send(new GetRecordsCommand({ ...arn, ShardIterator: iterator, Limit: countMax }));
    return { ...pageOf(shardId, page), next: page.NextShardIterator };
  }

  async subscribe(
    shardId: string,
    position: Position,
    consumerArn: string,
    signal: AbortSignal,
  ): Promise<AsyncIterable<PushedPage>> {
    if (this.#fanOut === undefined) {
      this.#fanOut = createFanOutClient(this.#connection);
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
    this.#client.destroy();
    this.#fanOut?.destroy();
  }
}

interface PushedOutput extends PageOutput {
  readonly ContinuationSequenceNumber?: string | undefined;
}

type Events = AsyncIterable<{ readonly SubscribeToShardEvent?: PushedOutput | undefined }>;

async function* pushedPages(shardId: string, events: Events | readonly never[]): AsyncGenerator<PushedPage> {
  try {
    for await (const { SubscribeToShardEvent: event } of events) {
      if (event === undefined) continue;
      yield { ...pageOf(shardId, event), continuation: event.ContinuationSequenceNumber || undefined };
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

interface PageOutput {
  readonly Records?: readonly RecordOutput[] | undefined;
  readonly MillisBehindLatest?: number | undefined;
  readonly ChildShards?: readonly ChildShardOutput[] | undefined;
}

function pageOf(shardId: string, page: PageOutput) {
  return {
    records: (page.Records ?? []).map((record) => streamRecord(shardId, record)),
    behindMs: page.MillisBehindLatest ?? 0,
    children: (page.ChildShards ?? []).map(childShard),
  };
}

function streamRecord(shardId: string, record: RecordOutput): StreamRecord {
  return {
    shardId,
    sequenceNumber: record.SequenceNumber ?? '',
    key: record.PartitionKey ?? '',
    data: record.Data ?? new Uint8Array(),
    arrivedAtMs: record.ApproximateArrivalTimestamp?.getTime() ?? Number.NaN,
  };
}

function childShard({ ShardId, ParentShards }: ChildShardOutput): ChildShard {
  return { id: ShardId ?? '', parents: ParentShards ?? [] };
}

function listedShard(shard: ListedByService): ListedShard {
  const { ShardId, ParentShardId, AdjacentParentShardId } = shard;
  const parents = [ParentShardId, AdjacentParentShardId].filter((id) => typeof id === 'string');
  return { id: ShardId, parents, closed: !isOpen(shard) };
}
