import type { Compression } from '../../core/compression.js';

/** How records are sent to a topic. */
export interface ProduceOptions {
  readonly topic: string;
  /** Who must store a batch before it is acknowledged: the leader (1) or all in-sync replicas (-1). 0: no response. */
  readonly acks: -1 | 0 | 1;
  readonly compression: Compression;
  /** Whether brokers recognise resent batches and store them only once. */
  readonly idempotent: boolean;
  /** Whether a record's timestamp is its recorded time, if known, instead of the time of sending. */
  readonly recordedTimestamps: boolean;
}
