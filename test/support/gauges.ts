import type { WorkerGauges } from '../../src/core/snapshot.js';

/** The gauges of an idle worker. */
export const IDLE_GAUGES: WorkerGauges = {
  held: 0,
  requestsInFlight: 0,
  slowedShards: 0,
  waitingForKey: 0,
  refusedKeys: [],
  behindMs: 0,
  respondedAtMs: 0,
  noResponseSinceMs: Number.POSITIVE_INFINITY,
};
