import { KINESIS_LIMITS } from '../core/limits.js';
import type { ShardRange } from '../core/shard.js';
import { EvenSpread } from '../route/even-spread.js';
import type { OpenTarget, TargetConfig, TargetWait } from '../target/kind.js';
import { type ConnectionFlags, connectionFrom, type KinesisConnection } from './client/connection.js';
import type { WireName } from './put-records/wire.js';
import { describeStream } from './stream.js';

export type Wire = WireName;

/** What a worker needs to send to a stream. */
export interface StreamConfig extends TargetConfig {
  readonly connection: KinesisConnection;
  readonly wire: Wire;
  readonly shards: readonly ShardRange[];
}

/** Completes a connection from the environment, and reads the stream's shards and limits. */
export async function openStream(
  { wire, ...flags }: ConnectionFlags & { readonly wire: Wire },
  wait: TargetWait,
): Promise<OpenTarget> {
  const connection = await connectionFrom(flags, process.env, wait.timeoutMs);
  const target = await openConnection(connection, wire, wait);
  return { ...target, onCrash: () => {}, close: async () => {} };
}

/** Reads the stream's shards and limits over a complete connection. */
export async function openConnection(
  connection: KinesisConnection,
  wire: Wire,
  wait: TargetWait,
): Promise<Omit<OpenTarget, 'onCrash' | 'close'>> {
  const { name, endpoint, region, shards, recordBytesMax, clock } = await describeStream(connection, wait);
  const config: StreamConfig = { kind: 'kinesis', connection, wire, shards };
  return {
    config,
    report: { kind: 'kinesis', stream: name, endpoint, region, shards: shards.length, limits: true },
    shardIds: shards.map(({ id }) => id),
    spread: () => new EvenSpread(shards),
    recordBytesMax,
    batchBytesMax: KINESIS_LIMITS.batchBytesMax,
    recordOverheadBytes: 0,
    clock,
  };
}
