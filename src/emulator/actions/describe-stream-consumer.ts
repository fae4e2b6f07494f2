import { consumerOf, describeConsumer, STREAM_CONSUMER_INPUT } from './consumers.js';
import { operation } from './operation.js';

export const describeStreamConsumer = operation({
  input: STREAM_CONSUMER_INPUT,
  emulated: 'by name or ARN',
  run: (input, call) => {
    const { stream, consumer } = consumerOf(input, call);
    return { ConsumerDescription: { ...describeConsumer(consumer), StreamARN: stream.arn } };
  },
});
