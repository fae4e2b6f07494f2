import { KINESIS_LIMITS } from '../../core/limits.js';
import { HEAT_SHARDS_MAX, type LiveShard, type LiveWorker, type ShardHeat } from '../../core/live.js';
import type { ShardCounts } from '../../core/snapshot.js';
import type { Totals } from '../../measure/totals.js';
import type { RecentLatencies } from './recent-latencies.js';
import { completeSeconds, SECONDS_SHOWN } from './seconds.js';

const NOTHING: ShardCounts = { sent: 0, bytes: 0, throttled: 0 };
const LOAD_PERCENT_MAX = 255;

/** Rates of shards in the last complete second, and of workers over about that. */
export class LiveRates {
  shards: readonly LiveShard[];
  workers: readonly LiveWorker[] = [];
  /** The shards whose heat is shown, as indexes. */
  #hottest: readonly number[];
  readonly #shardIds: readonly string[];
  readonly #limited: boolean;
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
    this.shards = shardIds.map((id) => shardAt(id, NOTHING, 0));
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
    this.#sampleWorkers(totals, seconds, latencies);
    for (let second = Math.max(this.#complete, complete - SECONDS_SHOWN); second < complete; second++) {
      this.shards = this.#shardsIn(second, totals);
      this.#keepLoads(second);
    }
    if (this.shards.length > HEAT_SHARDS_MAX) {
      const byHeat = [...this.#heat.keys()].sort((a, b) => this.#heat[b]! - this.#heat[a]! || a - b);
      this.#hottest = byHeat.slice(0, HEAT_SHARDS_MAX);
    }
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

  #shardsIn(second: number, { shards, shardSeconds }: Totals): readonly LiveShard[] {
    const live = this.#shardIds.map((id) =>
      shardAt(id, shardSeconds.countsIn(second, id), shards.get(id)?.throttled ?? 0),
    );
    return this.#limited ? live : againstBusiest(live);
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

  #keepLoads(second: number): void {
    const loads = this.#loads[second % SECONDS_SHOWN]!;
    for (const [i, { load }] of this.shards.entries()) {
      const percent = Math.min(LOAD_PERCENT_MAX, Math.round(load * 100));
      this.#heat[i]! += percent - loads[i]!;
      loads[i] = percent;
    }
  }
}

/** @param counts what it took in a second */
function shardAt(id: string, { sent, bytes, throttled }: ShardCounts, throttledTotal: number): LiveShard {
  return {
    id,
    recordsPerSecond: sent,
    bytesPerSecond: bytes,
    throttledPerSecond: throttled,
    throttledTotal,
    load: Math.max(sent / KINESIS_LIMITS.shardRecordsPerSecond, bytes / KINESIS_LIMITS.shardBytesPerSecond),
  };
}

function againstBusiest(partitions: readonly LiveShard[]): LiveShard[] {
  const most = partitions.reduce((max, { recordsPerSecond }) => Math.max(max, recordsPerSecond), 0);
  return partitions.map((one) => ({ ...one, load: most === 0 ? 0 : one.recordsPerSecond / most }));
}
