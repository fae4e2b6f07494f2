import { limitExceeded } from '../protocol/service-error.js';
import { integer, oneOf, structure } from '../protocol/shape.js';
import { STREAM_REFERENCE } from '../protocol/shapes.js';
import type { Accounts } from '../store/accounts.js';
import { planShardCount } from '../store/reshard-plan.js';
import type { Stream } from '../store/stream.js';
import { DAY_MS, inLastDay } from './last-day.js';
import { operation } from './operation.js';
import { requireProvisioned } from './reshard-checks.js';

export const updateShardCount = operation({
  input: structure(
    { ...STREAM_REFERENCE, TargetShardCount: integer({ min: 1 }), ScalingType: oneOf('UNIFORM_SCALING') },
    ['TargetShardCount', 'ScalingType'],
  ),
  emulated: "uniform scaling with the service's splits and merges, 10 a day",
  run: (input, { accounts, caller, now }) => {
    const stream = accounts.stream(caller, input, now);
    const target = input.TargetShardCount;
    const current = stream.openShardCount;
    requireProvisioned(stream);
    stream.requireActive();
    requireWithinLimits(stream, target, accounts, now);
    if (target !== current) {
      const updates = [...inLastDay(stream.state.shardCountUpdatesMs, now), now];
      stream.update((state) => {
        state.shardCountUpdatesMs = updates;
      });
      stream.beginUpdate({ reshard: planShardCount(stream.state.shards, target) }, now);
    }
    return {
      StreamName: stream.name,
      CurrentShardCount: current,
      TargetShardCount: target,
      StreamARN: stream.arn,
    };
  },
});

function requireWithinLimits(stream: Stream, target: number, accounts: Accounts, now: number): void {
  const { shardsPerStream, shardCountFactor, shardCountUpdatesPerDay } = accounts.limits;
  const current = stream.openShardCount;
  const counts = `Current open shard count: ${current}, Target shard count: ${target}`;
  if (target > shardsPerStream) {
    throw limitExceeded(
      `Target shard count or number of open shards cannot be greater than ${shardsPerStream}. ${counts}`,
    );
  }
  if (target > current * shardCountFactor) {
    throw limitExceeded(`UpdateShardCount cannot scale up over double your current open shard count. ${counts}`);
  }
  if (target < current / shardCountFactor) {
    throw limitExceeded(`UpdateShardCount cannot scale down below half your current open shard count. ${counts}`);
  }
  const updates = inLastDay(stream.state.shardCountUpdatesMs, now).length;
  if (target !== current && updates >= shardCountUpdatesPerDay) {
    throw limitExceeded(
      `UpdateShardCount can be called at most ${shardCountUpdatesPerDay} times in ${DAY_MS / 3_600_000} hours ` +
        `for ${stream.description}.`,
    );
  }
  accounts.checkShards(stream.state, target - current, now);
}
