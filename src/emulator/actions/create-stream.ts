import { ServiceError } from '../protocol/service-error.js';
import { CREATE_STREAM_INPUT } from '../protocol/shapes.js';
import { onDemandShards } from '../store/on-demand.js';
import type { StreamMode } from '../store/stream-state.js';
import { operation } from './operation.js';
import { withTags } from './tags.js';
import { checkWarmThroughput } from './warm-throughput.js';

const MAX_RECORD_SIZE_IN_KIB = 1024;
/** What the service gives a provisioned stream for which no count was asked. */
const SHARD_COUNT = 4;

export const createStream = operation(CREATE_STREAM_INPUT, (input, call) => {
  const { accounts, caller, now } = call;
  const mode = input.StreamModeDetails?.StreamMode ?? 'PROVISIONED';
  checkWarmThroughput(input.WarmThroughputMiBps, mode, call);
  const { tagsPerResource } = accounts.limits;
  const stream = {
    name: input.StreamName,
    mode,
    shardCount: shardCountOf(mode, input.ShardCount, input.WarmThroughputMiBps),
    maxRecordSizeInKiB: input.MaxRecordSizeInKiB ?? MAX_RECORD_SIZE_IN_KIB,
    warmThroughputMiBps: input.WarmThroughputMiBps,
    tags: withTags({}, input.Tags ?? {}, `stream ${input.StreamName} under account ${caller.account}`, tagsPerResource),
  };
  accounts.createStream(caller, stream, now);
  return undefined;
});

function shardCountOf(mode: StreamMode, shardCount: number | undefined, warmMiBps: number | undefined): number {
  if (mode === 'PROVISIONED') return shardCount ?? SHARD_COUNT;
  if (shardCount === undefined) return onDemandShards(warmMiBps);
  throw new ServiceError('ValidationException', 'ShardCount is not expected when StreamMode=ON_DEMAND');
}
