import { setTimeout as delay } from 'node:timers/promises';
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
  type StreamDescriptionSummary,
} from '@aws-sdk/client-kinesis';
import { KloadError } from '../core/errors.js';
import { KINESIS_LIMITS } from '../core/limits.js';
import type { ShardRange } from '../core/shard.js';
import { createKinesisClient, type KinesisConnection } from './client.js';
import { nameOf, placeOf, targetError } from './target-error.js';

/** What a run needs to know of a stream before it sends to it. */
export interface StreamFacts {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  /** As the SDK resolved it. */
  readonly endpoint: string;
  /** It was set by the user, and is not AWS's own. */
  readonly isEndpointSet: boolean;
  readonly recordBytesMax: number;
  /** Open shards only. */
  readonly shards: readonly ShardRange[];
}

const WAIT_FOR_ACTIVE_MS = 60_000;
const POLL_MS = 500;

/** Reads a stream's limits and open shards. Throws a KloadError that says what is wrong with stream, endpoint, region or credentials. */
export async function describeStream(connection: KinesisConnection): Promise<StreamFacts> {
  const client = createKinesisClient(connection, 1);
  try {
    const summary = await activeStream(client, connection);
    const shards = await openShards(client, connection);
    const endpoint = client.config.endpoint && (await client.config.endpoint());
    const region = await client.config.region();
    return {
      name: summary.StreamName ?? '',
      arn: summary.StreamARN ?? '',
      region,
      endpoint: endpoint
        ? `${endpoint.protocol}//${endpoint.hostname}${endpoint.port ? `:${endpoint.port}` : ''}`
        : `https://kinesis.${region}.amazonaws.com`,
      isEndpointSet: connection.endpoint !== undefined,
      recordBytesMax: summary.MaxRecordSizeInKiB ? summary.MaxRecordSizeInKiB * 1024 : KINESIS_LIMITS.recordBytesMax,
      shards,
    };
  } catch (error) {
    throw targetError(error, connection);
  } finally {
    client.destroy();
  }
}

/** A stream that is being created is waited for. */
async function activeStream(client: KinesisClient, connection: KinesisConnection): Promise<StreamDescriptionSummary> {
  const attempts = WAIT_FOR_ACTIVE_MS / POLL_MS;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const answer = await client.send(new DescribeStreamSummaryCommand(connection.stream));
    const summary = answer.StreamDescriptionSummary;
    if (summary === undefined) throw new KloadError('target', `${placeOf(connection)} did not describe the stream`);
    if (summary.StreamStatus === 'ACTIVE' || summary.StreamStatus === 'UPDATING') return summary;
    if (summary.StreamStatus === 'DELETING') {
      throw new KloadError('target', `${nameOf(connection)} is being deleted`, 'name another stream');
    }
    await delay(POLL_MS);
  }
  throw new KloadError(
    'target',
    `${nameOf(connection)} is still being created after ${WAIT_FOR_ACTIVE_MS / 1000} s`,
    'try again when it is ACTIVE',
  );
}

async function openShards(client: KinesisClient, connection: KinesisConnection): Promise<ShardRange[]> {
  const open: ShardRange[] = [];
  let page = await client.send(new ListShardsCommand(connection.stream));
  for (;;) {
    for (const shard of page.Shards ?? []) {
      if (shard.SequenceNumberRange?.EndingSequenceNumber === undefined) open.push(rangeOf(shard));
    }
    if (page.NextToken === undefined) return open;
    page = await client.send(new ListShardsCommand({ NextToken: page.NextToken }));
  }
}

function rangeOf(shard: Shard): ShardRange {
  return {
    id: shard.ShardId ?? '',
    startingHashKey: BigInt(shard.HashKeyRange?.StartingHashKey ?? 0),
    endingHashKey: BigInt(shard.HashKeyRange?.EndingHashKey ?? 0),
  };
}
