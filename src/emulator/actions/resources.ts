import { ServiceError } from '../protocol/service-error.js';
import { consumerStatus } from '../store/consumer.js';
import type { Stream } from '../store/stream.js';
import type { ConsumerState, Tags } from '../store/stream-state.js';
import { consumerNotActive, consumerNotFound } from './consumers.js';
import type { Call } from './operation.js';

/** What has tags and a policy: a stream, or a consumer of one. */
export interface Resource {
  /** How messages name it. */
  readonly description: string;
  readonly tags: Tags;
  readonly policy: string | undefined;
  /** Throws a ResourceInUseException where it is not ACTIVE. */
  requireActive(): void;
  update(change: { readonly tags?: Tags; readonly policy?: string | undefined }): void;
}

/** @param arn a stream's or a consumer's. Throws a ResourceNotFoundException. */
export function resourceOf(arn: string, { accounts, caller, now }: Call): Resource {
  const [streamArn = '', isConsumer] = arn.split('/consumer/');
  const stream = accounts.stream(caller, { StreamARN: streamArn }, now);
  if (isConsumer === undefined) return streamResource(stream);
  const consumer = stream.state.consumers.find((candidate) => candidate.arn === arn);
  if (consumer === undefined) throw consumerNotFound(arn, stream.account);
  return consumerResource(stream, consumer);
}

function streamResource(stream: Stream): Resource {
  return {
    description: stream.description,
    tags: stream.state.tags,
    policy: stream.state.policy,
    requireActive: () => stream.requireActive(),
    update: (change) => stream.update((state) => Object.assign(state, change)),
  };
}

function consumerResource(stream: Stream, consumer: ConsumerState): Resource {
  return {
    description: `consumer ${consumer.name} of ${stream.description}`,
    tags: consumer.tags,
    policy: consumer.policy,
    requireActive: () => {
      if (consumerStatus(consumer) !== 'ACTIVE') throw consumerNotActive(consumer, stream);
    },
    update: (change) => stream.update(() => Object.assign(consumer, change)),
  };
}

export function noPolicy(arn: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `No resource policy found for resource ARN ${arn}`);
}
