import { setTimeout as delay } from 'node:timers/promises';
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
  type StreamDescriptionSummary,
} from '@aws-sdk/client-kinesis';
import { KloadError, messageOf } from '../core/errors.js';
import { KINESIS_LIMITS } from '../core/limits.js';
import type { ShardRange } from '../core/shard.js';
import { createKinesisClient, isCredentialsError, type KinesisConnection } from './kinesis-client.js';
import { failureOf } from './kinesis-errors.js';

/** What a run needs to know of a stream before it sends to it. */
export interface StreamFacts {
  readonly name: string;
  readonly region: string;
  /** As the SDK resolved it. */
  readonly endpoint: string;
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
      region,
      endpoint: endpoint
        ? `${endpoint.protocol}//${endpoint.hostname}${endpoint.port ? `:${endpoint.port}` : ''}`
        : `https://kinesis.${region}.amazonaws.com`,
      recordBytesMax: summary.MaxRecordSizeInKiB ? summary.MaxRecordSizeInKiB * 1024 : KINESIS_LIMITS.recordBytesMax,
      shards,
    };
  } catch (error) {
    throw startError(error, connection);
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
      throw new KloadError('target', `${nameOf(connection)} is being deleted`, 'send to another stream');
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

/** An error at the start of a run in the user's terms. */
function startError(error: unknown, connection: KinesisConnection): unknown {
  if (error instanceof KloadError) return error;
  if (error instanceof Error && /region is missing/i.test(error.message)) {
    return new KloadError('usage', 'no AWS region is set', 'pass --region, or set AWS_REGION');
  }
  if (isCredentialsError(error)) {
    return new KloadError(
      'target',
      `no AWS credentials: ${firstLine(messageOf(error))}`,
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or pass --profile; an emulator on this machine needs none',
    );
  }
  const failure = failureOf(error);
  const place = placeOf(connection);
  if (failure.kind === 'unreachable') {
    return new KloadError(
      'target',
      `${place} cannot be reached (${failure.code})`,
      connection.endpoint === undefined ? 'check --region and the network' : 'is it running? check --endpoint-url',
    );
  }
  if (failure.code === 'ResourceNotFoundException') {
    return new KloadError(
      'target',
      `there is no ${nameOf(connection)} at ${place}`,
      'check its name, --region and the account of your credentials, or create it first',
    );
  }
  return new KloadError('target', `${place} refused: ${failure.code}: ${firstLine(failure.message)}`);
}

function nameOf(connection: KinesisConnection): string {
  const { stream } = connection;
  return 'StreamName' in stream ? `stream '${stream.StreamName}'` : `stream ${stream.StreamARN}`;
}

function placeOf(connection: KinesisConnection): string {
  const region = connection.region ?? process.env.AWS_REGION;
  const inRegion = region === undefined ? '' : ` in ${region}`;
  return connection.endpoint === undefined
    ? `Kinesis${inRegion}`
    : `${connection.endpoint}${inRegion && ` (region ${region})`}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
