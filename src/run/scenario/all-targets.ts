import type { TargetReport } from '../../core/report.js';
import type { ShardCounts, Snapshot, WorkerGauges } from '../../core/snapshot.js';
import type { OpenTarget } from '../../target/kind.js';

/** The targets of all loads as one. */
export interface AllTargets {
  readonly report: TargetReport;
  readonly shardIds: readonly string[];
  /** Whether all loads send to the same target. */
  readonly isOne: boolean;
  /** The name of a shard of a load among those of all: 'orders/shardId-000000000000' if there are several streams. */
  readonly shardName: (load: number, id: string) => string;
}

export function allTargets(loads: readonly { readonly name: string; readonly target: OpenTarget }[]): AllTargets {
  const identities = loads.map(({ target: { report } }) => identityOf(report));
  const isOne = new Set(identities).size === 1;
  const streamOf = new Map(identities.map((identity, i) => [identity, loads[i]!.target.report.stream]));
  const areStreamsUnique = new Set(streamOf.values()).size === streamOf.size;
  const prefixes = loads.map(({ name, target }) => (areStreamsUnique ? (target.report.stream ?? name) : name));
  const shardName = (load: number, id: string) => (isOne ? id : `${prefixes[load]}/${id}`);
  const shardIds = new Set(loads.flatMap(({ target }, i) => target.shardIds.map((id) => shardName(i, id))));
  const reports = loads.map(({ target }) => target.report);
  const report: TargetReport = {
    kind: reports[0]!.kind,
    stream: together(reports.map(({ stream }) => stream)),
    endpoint: together(reports.map(({ endpoint }) => endpoint)),
    region: together(reports.map(({ region }) => region)),
    shards: shardIds.size,
    limits: reports.every(({ limits }) => limits),
  };
  return { report, shardIds: [...shardIds], isOne, shardName };
}

function identityOf({ kind, stream, endpoint, region }: TargetReport): string {
  return JSON.stringify([kind, stream, endpoint, region]);
}

/** 'orders, clicks'; null if none has a value. */
function together(values: readonly (string | null)[]): string | null {
  const known = [...new Set(values)].filter((value) => value !== null);
  return known.length === 0 ? null : known.join(', ');
}

/** A snapshot with the names that its shards have among those of all loads. */
export function renamed(snapshot: Snapshot, gauges: WorkerGauges, nameOf: (id: string) => string): Snapshot {
  const rename = (shards: ReadonlyMap<string, ShardCounts>) =>
    new Map([...shards].map(([id, counts]) => [nameOf(id), counts]));
  const intervals = snapshot.intervals.map((interval) => ({ ...interval, shards: rename(interval.shards) }));
  return { ...snapshot, intervals, gauges };
}

/** The gauges of a thread, from those of the loads in it. */
export function addedGauges(all: readonly WorkerGauges[]): WorkerGauges {
  const sum = (key: 'held' | 'requestsInFlight' | 'slowedShards' | 'waitingForKey') =>
    all.reduce((sum, gauges) => sum + gauges[key], 0);
  return {
    held: sum('held'),
    requestsInFlight: sum('requestsInFlight'),
    slowedShards: sum('slowedShards'),
    waitingForKey: sum('waitingForKey'),
    behindMs: Math.max(...all.map(({ behindMs }) => behindMs)),
    refusedKeys: all.flatMap(({ refusedKeys }) => refusedKeys),
    respondedAtMs: Math.max(...all.map(({ respondedAtMs }) => respondedAtMs)),
    noResponseSinceMs: Math.min(...all.map(({ noResponseSinceMs }) => noResponseSinceMs)),
  };
}
