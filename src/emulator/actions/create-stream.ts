import { validationFailed } from '../protocol/service-error.js';
import { integer, structure } from '../protocol/shape.js';
import {
  MAX_RECORD_SIZE_IN_KIB,
  STREAM_MODE_DETAILS,
  STREAM_NAME,
  TAGS,
  WARM_THROUGHPUT_MIBPS,
} from '../protocol/shapes.js';
import { onDemandShards } from '../store/on-demand.js';
import type { StreamMode } from '../store/stream-state.js';
import { operation } from './operation.js';
import { withTags } from './tags.js';
import { checkWarmThroughput } from './warm-throughput.js';

const RECORD_SIZE_IN_KIB = 1024;
/** The service's default for a provisioned stream. */
const SHARD_COUNT = 4;

export const CREATE_STREAM_INPUT = structure(
  {
    StreamName: STREAM_NAME,
    ShardCount: integer({ min: 1 }),
    StreamModeDetails: STREAM_MODE_DETAILS,
    Tags: TAGS,
    WarmThroughputMiBps: WARM_THROUGHPUT_MIBPS,
    MaxRecordSizeInKiB: MAX_RECORD_SIZE_IN_KIB,
  },
  ['StreamName'],
);

export const createStream = operation({
  input: CREATE_STREAM_INPUT,
  emulated: 'both modes, record size, warm throughput, tags; CREATING for `--create-delay`',
  run: (input, call) => {
    const { accounts, caller, now } = call;
    const mode = input.StreamModeDetails?.StreamMode ?? 'PROVISIONED';
    checkWarmThroughput(input.WarmThroughputMiBps, mode, call);
    const { tagsPerResource } = accounts.limits;
    const stream = {
      name: input.StreamName,
      mode,
      shardCount: shardCountOf(mode, input.ShardCount, input.WarmThroughputMiBps),
      maxRecordSizeInKiB: input.MaxRecordSizeInKiB ?? RECORD_SIZE_IN_KIB,
      warmThroughputMiBps: input.WarmThroughputMiBps,
      tags: withTags(
        {},
        input.Tags ?? {},
        `stream ${input.StreamName} under account ${caller.account}`,
        tagsPerResource,
      ),
    };
    accounts.createStream(caller, stream, now);
    return undefined;
  },
});

function shardCountOf(mode: StreamMode, shardCount: number | undefined, warmMiBps: number | undefined): number {
  if (mode === 'PROVISIONED') return shardCount ?? SHARD_COUNT;
  if (shardCount === undefined) return onDemandShards(warmMiBps);
  throw validationFailed('ShardCount is not expected when StreamMode=ON_DEMAND');
}
