import { limitExceeded } from '../protocol/service-error.js';
import { structure } from '../protocol/shape.js';
import { STREAM_ARN_REFERENCE, STREAM_MODE_DETAILS, WARM_THROUGHPUT_MIBPS } from '../protocol/shapes.js';
import { onDemandShards } from '../store/on-demand.js';
import { planShardCount } from '../store/reshard-plan.js';
import { inLastDay } from './last-day.js';
import { operation } from './operation.js';
import { checkWarmThroughput } from './warm-throughput.js';

export const updateStreamMode = operation({
  input: structure(
    { ...STREAM_ARN_REFERENCE, StreamModeDetails: STREAM_MODE_DETAILS, WarmThroughputMiBps: WARM_THROUGHPUT_MIBPS },
    ['StreamARN', 'StreamModeDetails'],
  ),
  emulated: 'provisioned and on-demand; on-demand streams scale with their traffic',
  run: (input, call) => {
    const { accounts, caller, now } = call;
    const stream = accounts.stream(caller, input, now);
    const mode = input.StreamModeDetails.StreamMode;
    const warmThroughputMiBps = input.WarmThroughputMiBps;
    checkWarmThroughput(warmThroughputMiBps, mode, { ...call, caller: stream.state });
    stream.requireActive();
    // Tools ask for the current mode on every run: that is no update and does not count as one.
    if (mode === stream.state.mode) return undefined;
    const updates = inLastDay(stream.state.modeUpdatesMs, now);
    const { modeUpdatesPerDay } = accounts.limits;
    if (updates.length >= modeUpdatesPerDay) {
      throw limitExceeded(
        `The mode of ${stream.description} can be switched at most ${modeUpdatesPerDay} times in 24 hours.`,
      );
    }
    const current = stream.openShardCount;
    const target = mode === 'ON_DEMAND' ? Math.max(current, onDemandShards(warmThroughputMiBps)) : current;
    if (mode === 'ON_DEMAND') accounts.checkOnDemandStreams(stream.state, now);
    accounts.checkShards(stream.state, target - current, now);
    stream.update((state) => {
      state.modeUpdatesMs = [...updates, now];
    });
    const reshard = planShardCount(stream.state.shards, target);
    stream.beginUpdate({ settings: { mode, warmThroughputMiBps }, reshard }, now);
    return undefined;
  },
});
