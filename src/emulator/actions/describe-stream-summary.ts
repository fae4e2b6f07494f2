import { structure } from '../protocol/shape.js';
import { STREAM_REFERENCE } from '../protocol/shapes.js';
import { describeStreamSettings } from './descriptions.js';
import { operation } from './operation.js';
import { describeWarmThroughput } from './warm-throughput.js';

/** Returns no StreamId: an SDK that gets one sends its requests to a host made from that id, not to the endpoint. */
export const describeStreamSummary = operation({
  input: structure(STREAM_REFERENCE),
  emulated: 'complete, with record size and consumers; no StreamId, because SDKs that get one leave the endpoint',
  run: (input, call) => {
    const { accounts, caller, now } = call;
    const stream = accounts.stream(caller, input, now);
    return {
      StreamDescriptionSummary: {
        ...describeStreamSettings(stream),
        OpenShardCount: stream.openShards.length,
        ConsumerCount: stream.state.consumers.length,
        WarmThroughput: describeWarmThroughput(stream, call),
        MaxRecordSizeInKiB: stream.state.maxRecordSizeInKiB,
      },
    };
  },
});
