import { consumerOf, STREAM_CONSUMER_INPUT } from './consumers.js';
import { operation } from './operation.js';

export const deregisterStreamConsumer = operation({
  input: STREAM_CONSUMER_INPUT,
  emulated: 'by name or ARN; ends its open subscriptions',
  run: (input, call) => {
    const { stream, consumer } = consumerOf(input, call);
    const { accounts, now } = call;
    // Deregistering a consumer again does not delay its end.
    if (consumer.pending?.status === 'DELETING') return undefined;
    stream.update(() => {
      consumer.pending = { status: 'DELETING', untilMs: now + accounts.delays.consumerMs };
    });
    stream.settle(now);
    return undefined;
  },
});
