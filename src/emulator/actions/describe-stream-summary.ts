import { DESCRIBE_STREAM_SUMMARY_INPUT } from '../protocol/shapes.js';
import { describeStreamSettings, visibleShards } from './descriptions.js';
import { operation } from './operation.js';

export const describeStreamSummary = operation(DESCRIBE_STREAM_SUMMARY_INPUT, (input, { world, caller, now }) => {
  const stream = world.stream(caller, input);
  return {
    StreamDescriptionSummary: {
      ...describeStreamSettings(stream, now),
      StreamId: stream.id,
      OpenShardCount: visibleShards(stream, now).length,
      ConsumerCount: 0,
      MaxRecordSizeInKiB: stream.maxRecordSizeInKiB,
    },
  };
});
