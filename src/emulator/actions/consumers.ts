import { Timestamp } from '../protocol/output.js';
import { invalidArgument, resourceInUse, type ServiceError } from '../protocol/service-error.js';
import { type Input, structure } from '../protocol/shape.js';
import { CONSUMER_ARN, CONSUMER_NAME, STREAM_ARN_REFERENCE } from '../protocol/shapes.js';
import { consumerStatus } from '../store/consumer.js';
import type { Stream } from '../store/stream.js';
import type { ConsumerState } from '../store/stream-state.js';
import { consumerNotFound } from './not-found.js';
import type { Call } from './operation.js';

/** Shared by the operations on consumers. */

/** The requests of DescribeStreamConsumer and DeregisterStreamConsumer. */
export const STREAM_CONSUMER_INPUT = structure({
  ...STREAM_ARN_REFERENCE,
  ConsumerName: CONSUMER_NAME,
  ConsumerARN: CONSUMER_ARN,
});

export interface StreamConsumer {
  readonly stream: Stream;
  readonly consumer: ConsumerState;
}

/**
 * The consumer that a request names. Throws an InvalidArgumentException if it names none or contradicts itself, a
 * ResourceNotFoundException if the consumer does not exist.
 */
export function consumerOf(input: Input<typeof STREAM_CONSUMER_INPUT>, call: Call): StreamConsumer {
  const { ConsumerARN, ConsumerName } = input;
  if (ConsumerARN === undefined) return consumerByName(input, call);
  const found = consumerByArn(ConsumerARN, call);
  const { name } = found.consumer;
  const { arn, id } = found.stream;
  const isOther = (given: string | undefined, own: string) => given !== undefined && given !== own;
  if (isOther(ConsumerName, name) || isOther(input.StreamARN, arn) || isOther(input.StreamId, id)) {
    throw invalidArgument(
      `ConsumerARN ${ConsumerARN} does not belong to the stream or the consumer name that are given with it.`,
    );
  }
  return found;
}

/** Throws a ResourceNotFoundException. */
export function consumerByArn(arn: string, { accounts, caller, now }: Call): StreamConsumer {
  const [streamArn = ''] = arn.split('/consumer/');
  const stream = accounts.stream(caller, { StreamARN: streamArn }, now);
  const consumer = stream.state.consumers.find((candidate) => candidate.arn === arn);
  if (consumer === undefined) throw consumerNotFound(arn, stream.account);
  return { stream, consumer };
}

function consumerByName(input: Input<typeof STREAM_CONSUMER_INPUT>, { accounts, caller, now }: Call): StreamConsumer {
  const { ConsumerName, StreamARN, StreamId } = input;
  if (ConsumerName === undefined || (StreamARN === undefined && StreamId === undefined)) {
    throw invalidArgument('Either ConsumerARN, or both StreamARN and ConsumerName should be provided.');
  }
  const stream = accounts.stream(caller, input, now);
  const consumer = stream.state.consumers.find(({ name }) => name === ConsumerName);
  if (consumer === undefined) throw consumerNotFound(ConsumerName, stream.account);
  return { stream, consumer };
}

export function describeConsumer(consumer: ConsumerState) {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumer.arn,
    ConsumerStatus: consumerStatus(consumer),
    ConsumerCreationTimestamp: new Timestamp(consumer.createdAtMs),
  };
}

export function consumerNotActive({ name, createdAtMs }: ConsumerState, stream: Stream): ServiceError {
  return resourceInUse(
    `Consumer ${name} with creation timestamp ${createdAtMs / 1000} under stream ${stream.name} ` +
      `and account ${stream.account} is not in ACTIVE status.`,
  );
}
