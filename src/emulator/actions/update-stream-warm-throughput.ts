import { structure } from '../protocol/shape.js';
import { STREAM_REFERENCE, WARM_THROUGHPUT_MIBPS } from '../protocol/shapes.js';
import { onDemandShards } from '../store/on-demand.js';
import { planShardCount } from '../store/reshard-plan.js';
import { operation } from './operation.js';
import { checkWarmThroughput, describeWarmThroughput } from './warm-throughput.js';

export const updateStreamWarmThroughput = operation({
  input: structure({ ...STREAM_REFERENCE, WarmThroughputMiBps: WARM_THROUGHPUT_MIBPS }, ['WarmThroughputMiBps']),
  emulated: 'scales the shards to it',
  run: (input, call) => {
    const { accounts, caller, now } = call;
    const stream = accounts.stream(caller, input, now);
    const warmThroughputMiBps = input.WarmThroughputMiBps;
    checkWarmThroughput(warmThroughputMiBps, stream.state.mode, { ...call, caller: stream.state });
    stream.requireActive();
    // A lower throughput merges no shards now. They are merged after being quiet for long, as after any traffic.
    const shards = Math.max(stream.openShardCount, onDemandShards(warmThroughputMiBps));
    accounts.checkShards(stream.state, shards - stream.openShardCount, now);
    const before = describeWarmThroughput(stream, call);
    const reshard = planShardCount(stream.state.shards, shards);
    stream.beginUpdate({ settings: { warmThroughputMiBps }, reshard }, now);
    return {
      StreamARN: stream.arn,
      StreamName: stream.name,
      WarmThroughput: { ...before, TargetMiBps: onDemandShards(warmThroughputMiBps) },
    };
  },
});
