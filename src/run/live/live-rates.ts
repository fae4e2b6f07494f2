import { KINESIS_LIMITS } from '../../core/limits.js';
import type { LiveShard, LiveWorker } from '../../core/live.js';
import type { ShardCounts } from '../../core/snapshot.js';
import type { Totals } from '../../measure/totals.js';

const SAMPLE_EVERY_MS = 1000;
const NOTHING: ShardCounts = { sent: 0, bytes: 0, throttled: 0 };

/** Rates of shards and workers over about the last second, from totals that only grow. */
export class LiveRates {
  shards: readonly LiveShard[] = [];
  workers: readonly LiveWorker[] = [];
  readonly #shardIds: readonly string[];
  readonly #limited: boolean;
  #shardsBefore = new Map<string, ShardCounts>();
  #workersBefore = new Map<number, { sent: number; bytes: number }>();
  #sampledAtMs = Number.NEGATIVE_INFINITY;

  /** @param limited whether shards have Kinesis's limits. If not, the load of each is relative to the busiest one. */
  constructor(shardIds: readonly string[], limited: boolean) {
    this.#shardIds = shardIds;
    this.#limited = limited;
  }

  /** Computes the rates from the totals, at most once a second. */
  sample(totals: Totals, nowMs: number): void {
    if (nowMs - this.#sampledAtMs < SAMPLE_EVERY_MS) return;
    const seconds = Math.min((nowMs - this.#sampledAtMs) / 1000, 3600);
    this.#sampledAtMs = nowMs;
    const shards = this.#shardIds.map((id) => this.#shard(id, totals.shards.get(id) ?? NOTHING, seconds));
    this.shards = this.#limited ? shards : againstBusiest(shards);
    this.workers = [...totals.workers].map(([id, worker]) => {
      const before = this.#workersBefore.get(id) ?? { sent: 0, bytes: 0 };
      const { sent, bytes, gauges } = worker;
      this.#workersBefore.set(id, { sent, bytes });
      return {
        id,
        sent,
        recordsPerSecond: (sent - before.sent) / seconds,
        bytesPerSecond: (bytes - before.bytes) / seconds,
        held: gauges.held,
        requestsInFlight: gauges.requestsInFlight,
        slowedShards: gauges.slowedShards,
        p50: 0,
        p99: 0,
      };
    });
  }

  #shard(id: string, now: ShardCounts, seconds: number): LiveShard {
    const before = this.#shardsBefore.get(id) ?? NOTHING;
    this.#shardsBefore.set(id, { ...now });
    const recordsPerSecond = (now.sent - before.sent) / seconds;
    const bytesPerSecond = (now.bytes - before.bytes) / seconds;
    return {
      id,
      recordsPerSecond,
      bytesPerSecond,
      throttledPerSecond: (now.throttled - before.throttled) / seconds,
      throttledTotal: now.throttled,
      load: Math.max(
        recordsPerSecond / KINESIS_LIMITS.shardRecordsPerSecond,
        bytesPerSecond / KINESIS_LIMITS.shardBytesPerSecond,
      ),
    };
  }
}

function againstBusiest(partitions: readonly LiveShard[]): LiveShard[] {
  const most = partitions.reduce((max, { recordsPerSecond }) => Math.max(max, recordsPerSecond), 0);
  return partitions.map((one) => ({ ...one, load: most === 0 ? 0 : one.recordsPerSecond / most }));
}
