import { structure } from '../protocol/shape.js';
import { operation } from './operation.js';

/** Reported for a limit that is off: the largest value that the response's type holds. */
const INTEGER_MAX = 2 ** 31 - 1;

export const describeLimits = operation({
  input: structure({}),
  emulated: "the account's usage, and the limits in force",
  run: (_, { accounts, caller, now }) => {
    const streams = accounts.streams(caller, now);
    const { shardsPerAccount, onDemandStreams } = accounts.limits;
    return {
      ShardLimit: whole(shardsPerAccount),
      OpenShardCount: streams.reduce((sum, { openShardCount }) => sum + openShardCount, 0),
      OnDemandStreamCount: streams.filter(({ state }) => state.mode === 'ON_DEMAND').length,
      OnDemandStreamCountLimit: whole(onDemandStreams),
    };
  },
});

function whole(limit: number): number {
  return Math.min(Math.floor(limit), INTEGER_MAX);
}
