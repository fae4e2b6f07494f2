import { STREAM_CONSUMER_INPUT } from '../protocol/shapes.js';
import { consumerOf } from './consumers.js';
import { operation } from './operation.js';

export const deregisterStreamConsumer = operation(STREAM_CONSUMER_INPUT, (input, call) => {
  const { stream, consumer } = consumerOf(input, call);
  const { accounts, now } = call;
  // To deregister it again does not make it stay longer.
  if (consumer.pending?.status === 'DELETING') return undefined;
  stream.update(() => {
    consumer.pending = { status: 'DELETING', untilMs: now + accounts.delays.consumerMs };
  });
  stream.settle(now);
  return undefined;
});
