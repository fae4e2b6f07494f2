import { STREAM_CONSUMER_INPUT } from '../protocol/shapes.js';
import { consumerOf, describeConsumer } from './consumers.js';
import { operation } from './operation.js';

export const describeStreamConsumer = operation(STREAM_CONSUMER_INPUT, (input, call) => {
  const { stream, consumer } = consumerOf(input, call);
  return { ConsumerDescription: { ...describeConsumer(consumer), StreamARN: stream.arn } };
});
