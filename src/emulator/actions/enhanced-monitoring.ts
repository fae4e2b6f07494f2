import type { Input } from '../protocol/shape.js';
import { CHANGE_MONITORING_INPUT } from '../protocol/shapes.js';
import { SHARD_LEVEL_METRIC_NAMES } from '../protocol/shard-level-metrics.js';
import { type Call, type Operation, operation } from './operation.js';

/** Metrics are switched, and told of; nothing is measured by them. */
export const enableEnhancedMonitoring = changeMonitoring((current, named) => [...new Set([...current, ...named])]);

export const disableEnhancedMonitoring = changeMonitoring((current, named) =>
  current.filter((metric) => !named.includes(metric)),
);

function changeMonitoring(change: (current: readonly string[], named: readonly string[]) => string[]): Operation {
  return operation(CHANGE_MONITORING_INPUT, (input, call) => monitor(input, call, change));
}

function monitor(
  input: Input<typeof CHANGE_MONITORING_INPUT>,
  { accounts, caller, now }: Call,
  change: (current: readonly string[], named: readonly string[]) => string[],
) {
  const stream = accounts.stream(caller, input, now);
  stream.requireActive();
  const current = [...stream.state.shardLevelMetrics];
  const named = input.ShardLevelMetrics.includes('ALL') ? SHARD_LEVEL_METRIC_NAMES : input.ShardLevelMetrics;
  const desired = change(current, named);
  stream.beginUpdate({ settings: { shardLevelMetrics: desired } }, now);
  return {
    StreamName: stream.name,
    CurrentShardLevelMetrics: current,
    DesiredShardLevelMetrics: desired,
    StreamARN: stream.arn,
  };
}
