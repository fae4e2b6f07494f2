import type { Compression } from '../../core/compression.js';

/** How records are sent to a topic. */
export interface ProduceOptions {
  readonly topic: string;
  /**
   * Who must store a batch before the broker acknowledges it: the leader (1), or all in-sync replicas (-1). 0: no
   * response.
   */
  readonly acks: -1 | 0 | 1;
  readonly compression: Compression;
  /** Whether brokers recognise resent batches and store them only once. */
  readonly idempotent: boolean;
  /**
   * Whether a record's timestamp is the time at which it was recorded, if that is known, instead of the time of
   * sending.
   */
  readonly recordedTimestamps: boolean;
}
