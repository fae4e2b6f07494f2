import type { WorkerGauges } from '../../src/core/snapshot.js';

/** A worker that has nothing to do. */
export const IDLE_GAUGES: WorkerGauges = {
  held: 0,
  requestsInFlight: 0,
  slowedShards: 0,
  waitingForKey: 0,
  refusedKeys: [],
  behindMs: 0,
  answeredAtMs: 0,
  unansweredSinceMs: Number.POSITIVE_INFINITY,
};
