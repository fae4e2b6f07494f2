import { type Input, list, oneOf, structure } from '../protocol/shape.js';
import { STREAM_REFERENCE } from '../protocol/shapes.js';
import { type Call, type Operation, operation } from './operation.js';

/** What 'ALL' stands for. */
const SHARD_LEVEL_METRICS = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
] as const;

const INPUT = structure(
  { ...STREAM_REFERENCE, ShardLevelMetrics: list(oneOf(...SHARD_LEVEL_METRICS, 'ALL'), { min: 1, max: 7 }) },
  ['ShardLevelMetrics'],
);

type Change = (current: readonly string[], named: readonly string[]) => string[];

/** EnableEnhancedMonitoring or DisableEnhancedMonitoring. The stream's settings change, but nothing is measured. */
export function changeMonitoring(change: Change): Operation {
  return operation({
    input: INPUT,
    emulated: 'levels are stored and returned; there is no CloudWatch, see `/_kload/metrics`',
    run: (input, call) => monitor(input, call, change),
  });
}

function monitor(input: Input<typeof INPUT>, { accounts, caller, now }: Call, change: Change) {
  const stream = accounts.stream(caller, input, now);
  stream.requireActive();
  const current = [...stream.state.shardLevelMetrics];
  const named = input.ShardLevelMetrics.includes('ALL') ? SHARD_LEVEL_METRICS : input.ShardLevelMetrics;
  const desired = change(current, named);
  stream.beginUpdate({ settings: { shardLevelMetrics: desired } }, now);
  return {
    StreamName: stream.name,
    CurrentShardLevelMetrics: current,
    DesiredShardLevelMetrics: desired,
    StreamARN: stream.arn,
  };
}
