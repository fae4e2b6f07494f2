import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  type StreamDescriptionSummary,
} from '@aws-sdk/client-kinesis';
import type { ClockOffset } from '../core/clock-offset.js';
import { KloadError } from '../core/errors.js';
import { KINESIS_LIMITS } from '../core/limits.js';
import type { ShardRange } from '../core/shard.js';
import { formatDuration } from '../core/units.js';
import { nowMs } from '../system/clock.js';
import { createKinesisClient, type KinesisConnection } from './client/client.js';
import { ClockOffsets } from './client/clock-offset.js';
import { SetUpCalls, type SetUpWait } from './client/set-up-calls.js';
import { skewText } from './errors/clock-skew.js';
import { endpointLabel, streamLabel, targetError } from './errors/target-error.js';
import { isOpen, listAllShards, malformedError, rangeOf } from './read/shard-list.js';

/** The facts that a run needs about a stream before it sends to it. */
export interface StreamFacts {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  /** The URL that the SDK resolved. */
  readonly endpoint: string;
  /** True if the user set the endpoint; false for AWS's own. */
  readonly isEndpointSet: boolean;
  readonly recordBytesMax: number;
  /** null: it could not be found out. */
  readonly clock: ClockOffset | null;
  /** Open shards only. */
  readonly shards: readonly ShardRange[];
}

const POLL_MS = 500;

/**
 * Reads a stream's limits and open shards. Waits for a stream that is being created.
 *
 * @throws KloadError if there is a problem with the stream, endpoint, region or credentials
 */
export async function describeStream(connection: KinesisConnection, wait: SetUpWait): Promise<StreamFacts> {
  const client = createKinesisClient(connection, 1);
  const calls = new SetUpCalls(connection, wait);
  const clocks = new ClockOffsets();
  clocks.watch(client);
  try {
    const summary = await activeStream(client, calls, connection);
    const shards = await openShards(client, calls, connection);
    const endpoint = client.config.endpoint && (await client.config.endpoint());
    const region = await client.config.region();
    const skew = skewText(client.config.systemClockOffset);
    if (skew !== undefined) wait.onWait(`${skew}: requests are signed with the service's time`);
    return {
      name: summary.StreamName ?? '',
      arn: summary.StreamARN ?? '',
      region,
      endpoint: endpoint
        ? `${endpoint.protocol}//${endpoint.hostname}${endpoint.port ? `:${endpoint.port}` : ''}`
        : `https://kinesis.${region}.amazonaws.com`,
      isEndpointSet: connection.endpoint !== undefined,
      recordBytesMax: recordBytesMaxOf(summary, connection),
      clock: clocks.offset,
      shards,
    };
  } catch (error) {
    throw targetError(error, connection);
  } finally {
    client.destroy();
  }
}

async function activeStream(
  client: KinesisClient,
  calls: SetUpCalls,
  connection: KinesisConnection,
): Promise<StreamDescriptionSummary> {
  const { timeoutMs, onWait } = calls.wait;
  const deadlineMs = nowMs() + timeoutMs;
  for (let isFirst = true; ; isFirst = false) {
    const { StreamDescriptionSummary: summary } = await calls.until('DescribeStreamSummary', (abortSignal) =>
      client.send(new DescribeStreamSummaryCommand(connection.stream), { abortSignal }),
    );
    if (typeof summary?.StreamStatus !== 'string') {
      throw new KloadError('target', `${endpointLabel(connection)} did not describe the stream`);
    }
    const { StreamStatus: status } = summary;
    if (status === 'ACTIVE' || status === 'UPDATING') return summary;
    if (status === 'DELETING') {
      throw new KloadError('target', `${streamLabel(connection)} is being deleted`, 'name another stream');
    }
    if (isFirst)
      onWait(`${streamLabel(connection)} is ${status}; waiting up to ${formatDuration(timeoutMs)} for ACTIVE`);
    const leftMs = deadlineMs - nowMs();
    if (leftMs <= 0) {
      const message = `${streamLabel(connection)} is still ${status} after ${formatDuration(timeoutMs)}`;
      throw new KloadError('target', message, 'try again when it is ACTIVE, or wait longer with --target-timeout');
    }
    await calls.pause(Math.min(POLL_MS, leftMs));
  }
}

async function openShards(
  client: KinesisClient,
  calls: SetUpCalls,
  connection: KinesisConnection,
): Promise<ShardRange[]> {
  const shards = await listAllShards(connection, {}, (input) =>
    calls.until('ListShards', (abortSignal) => client.send(new ListShardsCommand(input), { abortSignal })),
  );
  return shards.filter(isOpen).map((shard) => rangeOf(shard, connection));
}

function recordBytesMaxOf({ MaxRecordSizeInKiB }: StreamDescriptionSummary, connection: KinesisConnection): number {
  const kib = MaxRecordSizeInKiB ?? KINESIS_LIMITS.recordBytesMax / 1024;
  if (Number.isSafeInteger(kib) && kib > 0) return kib * 1024;
  const what = `describes ${streamLabel(connection)} with a malformed MaxRecordSizeInKiB, ${JSON.stringify(kib)}`;
  throw malformedError(what, connection);
}
