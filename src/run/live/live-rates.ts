import { KINESIS_LIMITS } from '../../core/limits.js';
import { HEAT_SHARDS_MAX, type LiveShard, type LiveWorker, type ShardHeat } from '../../core/live.js';
import type { ShardCounts } from '../../core/snapshot.js';
import type { Totals } from '../../measure/totals.js';
import type { RecentLatencies } from './recent-latencies.js';
import { completeSeconds, SECONDS_SHOWN } from './seconds.js';

const NOTHING: ShardCounts = { sent: 0, bytes: 0, throttled: 0 };
const LOAD_PERCENT_MAX = 255;

/** Rates of shards and workers over about the last second, from totals that only grow. */
export class LiveRates {
  shards: readonly LiveShard[];
  workers: readonly LiveWorker[] = [];
  /** The shards whose heat is shown, as indexes. */
  #hottest: readonly number[];
  readonly #shardIds: readonly string[];
  readonly #limited: boolean;
  #shardsBefore: readonly ShardCounts[];
  #workersBefore = new Map<number, { sent: number; bytes: number }>();
  /** How many seconds of the run were complete at the last sample, and when that was. */
  #complete = 0;
  #sampledAtMs = 0;
  /** The load of all shards in each second, in percent: the second's place is its index modulo `SECONDS_SHOWN`. */
  readonly #loads: readonly Uint8Array[];
  /** The sum of those, for each shard. */
  readonly #heat: Float64Array;

  /** @param limited whether shards have Kinesis's limits. If not, the load of each is relative to the busiest one. */
  constructor(shardIds: readonly string[], limited: boolean) {
    this.#shardIds = shardIds;
    this.#limited = limited;
    this.#shardsBefore = shardIds.map(() => NOTHING);
    this.shards = shardIds.map((id) => shardAt(id, NOTHING, NOTHING, 1));
    this.#loads = Array.from({ length: SECONDS_SHOWN }, () => new Uint8Array(shardIds.length));
    this.#heat = new Float64Array(shardIds.length);
    this.#hottest = [...shardIds.keys()].slice(0, HEAT_SHARDS_MAX);
  }

  /** Computes the rates from the totals when another second is complete. */
  sample(totals: Totals, elapsedMs: number, latencies: RecentLatencies): void {
    const complete = completeSeconds(elapsedMs);
    if (complete <= this.#complete) return;
    const seconds = (elapsedMs - this.#sampledAtMs) / 1000;
    this.#sampledAtMs = elapsedMs;
    this.#sampleShards(totals, seconds);
    this.#sampleWorkers(totals, seconds, latencies);
    this.#keepLoads(complete);
    this.#complete = complete;
  }

  /** How full each shard was in the last seconds, up to the last sample. @param length how many seconds */
  heat(length: number): ShardHeat[] {
    const from = this.#complete - length;
    return this.#hottest.map((shard) => ({
      id: this.#shardIds[shard]!,
      loads: Uint8Array.from({ length }, (_, i) => this.#loads[(from + i) % SECONDS_SHOWN]![shard]!),
    }));
  }

  #sampleShards(totals: Totals, seconds: number): void {
    const before = this.#shardsBefore;
    const now = this.#shardIds.map((id) => ({ ...(totals.shards.get(id) ?? NOTHING) }));
    this.#shardsBefore = now;
    const shards = this.#shardIds.map((id, i) => shardAt(id, before[i]!, now[i]!, seconds));
    this.shards = this.#limited ? shards : againstBusiest(shards);
  }

  #sampleWorkers(totals: Totals, seconds: number, latencies: RecentLatencies): void {
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
        ...latencies.ofWorker(id),
      };
    });
  }

  /** Seconds for which the main thread had no time were like the last one. */
  #keepLoads(complete: number): void {
    const from = Math.max(this.#complete, complete - SECONDS_SHOWN);
    for (const [i, { load }] of this.shards.entries()) {
      const percent = Math.min(LOAD_PERCENT_MAX, Math.round(load * 100));
      for (let second = from; second < complete; second++) {
        const loads = this.#loads[second % SECONDS_SHOWN]!;
        this.#heat[i]! += percent - loads[i]!;
        loads[i] = percent;
      }
    }
    if (this.shards.length > HEAT_SHARDS_MAX) {
      const byHeat = [...this.#heat.keys()].sort((a, b) => this.#heat[b]! - this.#heat[a]! || a - b);
      this.#hottest = byHeat.slice(0, HEAT_SHARDS_MAX);
    }
  }
}

function shardAt(id: string, before: ShardCounts, now: ShardCounts, seconds: number): LiveShard {
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

function againstBusiest(partitions: readonly LiveShard[]): LiveShard[] {
  const most = partitions.reduce((max, { recordsPerSecond }) => Math.max(max, recordsPerSecond), 0);
  return partitions.map((one) => ({ ...one, load: most === 0 ? 0 : one.recordsPerSecond / most }));
}
