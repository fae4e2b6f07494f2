import { NOTHING_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';

/** What is told of a limit that is off: the answer's type holds no more. */
const INTEGER_MAX = 2 ** 31 - 1;

export const describeLimits = operation(NOTHING_INPUT, (_, { accounts, caller, now }) => {
  const streams = accounts.streams(caller, now);
  const { shardsPerAccount, onDemandStreams } = accounts.limits;
  return {
    ShardLimit: whole(shardsPerAccount),
    OpenShardCount: streams.reduce((sum, { openShardCount }) => sum + openShardCount, 0),
    OnDemandStreamCount: streams.filter(({ state }) => state.mode === 'ON_DEMAND').length,
    OnDemandStreamCountLimit: whole(onDemandStreams),
  };
});

function whole(limit: number): number {
  return Math.min(Math.floor(limit), INTEGER_MAX);
}
