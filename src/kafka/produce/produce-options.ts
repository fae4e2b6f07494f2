import type { Compression } from '../../core/compression.js';

/** How records are given to a topic. */
export interface ProduceOptions {
  readonly topic: string;
  /** Who has to have a batch before it counts as taken: nobody is asked (0), the leader (1), all replicas in sync (-1). */
  readonly acks: -1 | 0 | 1;
  readonly compression: Compression;
  /** Whether the brokers are to recognise what they are sent again. */
  readonly idempotent: boolean;
  /** Whether records carry the time at which they were recorded, where that is known, instead of that of their sending. */
  readonly recordedTimestamps: boolean;
}
