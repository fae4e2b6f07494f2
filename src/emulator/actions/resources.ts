import { structure } from '../protocol/shape.js';
import { RESOURCE_REFERENCE } from '../protocol/shapes.js';
import type { StreamReference } from '../store/accounts.js';
import { consumerStatus } from '../store/consumer.js';
import type { Tags } from '../store/stream-state.js';
import { consumerByArn, consumerNotActive, type StreamConsumer } from './consumers.js';
import type { Call } from './operation.js';

/** Requests that only name a resource. */
export const RESOURCE_INPUT = structure(RESOURCE_REFERENCE, ['ResourceARN']);

/** A stream or a consumer: both have tags and a policy. */
export interface Resource {
  /** Its name in messages. */
  readonly description: string;
  readonly tags: Tags;
  readonly policy: string | undefined;
  /** Throws a ResourceInUseException unless it is ACTIVE. */
  requireActive(): void;
  update(change: { readonly tags?: Tags; readonly policy?: string | undefined }): void;
}

/** @param arn of a stream or a consumer. Throws a ResourceNotFoundException. */
export function resourceOf(arn: string, call: Call): Resource {
  if (arn.includes('/consumer/')) return consumerResource(consumerByArn(arn, call));
  return streamOf({ StreamARN: arn }, call);
}

/** Throws a ResourceNotFoundException. */
export function streamOf(reference: StreamReference, { accounts, caller, now }: Call): Resource {
  const stream = accounts.stream(caller, reference, now);
  return {
    description: stream.description,
    tags: stream.state.tags,
    policy: stream.state.policy,
    requireActive: () => stream.requireActive(),
    update: (change) => stream.update((state) => Object.assign(state, change)),
  };
}

function consumerResource({ stream, consumer }: StreamConsumer): Resource {
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
