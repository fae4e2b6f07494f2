import { DESCRIBE_STREAM_SUMMARY_INPUT } from '../protocol/shapes.js';
import { describeStreamSettings } from './descriptions.js';
import { operation } from './operation.js';
import { describeWarmThroughput } from './warm-throughput.js';

/** Without a StreamId: an SDK that is given one in a request leaves its endpoint for a host made of that id. */
export const describeStreamSummary = operation(DESCRIBE_STREAM_SUMMARY_INPUT, (input, call) => {
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
});
