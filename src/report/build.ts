import { availableParallelism } from 'node:os';
import type { Asked, HostReport, Ledger, Report } from '../core/report.js';
import type { Totals } from '../measure/totals.js';
import { version } from '../system/version.js';
import { capacityOf } from './capacity.js';

/** What a report says beside the totals. Times are in milliseconds. */
export interface ReportFacts
  extends Pick<Report, 'durationMs' | 'pausedMs' | 'outcome' | 'config' | 'target' | 'input'>,
    Pick<Report, 'thresholds' | 'checkpoint' | 'resumed' | 'rejectedFirst'> {
  /** undefined: the run was not split. */
  readonly part: Report['part'];
  readonly startedAt: Date;
  /** The time that the achieved rate is counted over. */
  readonly activeMs: number;
  readonly records: Pick<Ledger, 'read' | 'rejected' | 'unsent'>;
  readonly rpsTarget: number | undefined;
  /** Records due in a second of the run; undefined: the run had no rate. */
  readonly askedIn: (second: number) => number | undefined;
  readonly asked: Asked | null;
  /** The stream's shards, in its order, those without a record included. */
  readonly shardIds: readonly string[];
}

/** The report of a run, from its totals. */
export function buildReport(facts: ReportFacts, totals: Totals): Report {
  const { durationMs, pausedMs, activeMs, records } = facts;
  const shards = shardReports(facts.shardIds, totals);
  return {
    schema: 'kload.report/2',
    startedAt: facts.startedAt.toISOString(),
    durationMs,
    pausedMs,
    outcome: facts.outcome,
    thresholds: facts.thresholds,
    host: hostReport(),
    config: facts.config,
    target: facts.target,
    records: {
      read: records.read,
      sent: totals.sent,
      failed: totals.failed,
      rejected: records.rejected,
      unsent: records.unsent,
      maybeDuplicated: totals.maybeDuplicated,
      inDoubt: totals.inDoubt,
    },
    input: facts.input,
    checkpoint: facts.checkpoint,
    resumed: facts.resumed,
    ...(facts.part !== undefined && { part: facts.part }),
    bytes: { sent: totals.bytesSent },
    rps: { target: facts.rpsTarget ?? null, achieved: activeMs > 0 ? totals.sent / (activeMs / 1000) : 0 },
    requests: totals.requests,
    latencyMs: { fromIntended: totals.fromIntended.percentiles(), service: totals.service.percentiles() },
    scheduleLagMs: totals.scheduleLag.percentiles(),
    histogram: totals.fromIntended.bars(),
    hdrHistograms: {
      fromIntended: totals.fromIntended.encoded(),
      service: totals.service.encoded(),
      scheduleLag: totals.scheduleLag.encoded(),
    },
    throttled: {
      records: totals.throttled,
      byShard: Object.fromEntries(shards.filter((s) => s.throttled > 0).map((s) => [s.id, s.throttled])),
    },
    capacity: capacityOf(facts.target, facts.asked, totals) ?? null,
    errors: Object.fromEntries(totals.errors),
    rejectedFirst: facts.rejectedFirst,
    shards,
    shardsOverTime: totals.shardSeconds.overTime(shards.map(({ id }) => id)),
    // Filled in once the final metrics are sent.
    metrics: null,
    workers: [...totals.workers].map(([id, { sent, bytes }]) => ({ id, sent, bytes })),
    intervals: totals.intervals().map((interval) => ({ ...interval, target: targetIn(facts, interval.t) })),
  };
}

/** To a thousandth of a record: the rest would only make the report longer. */
function targetIn({ askedIn }: ReportFacts, second: number): number | null {
  const asked = askedIn(second);
  return asked === undefined ? null : Math.round(asked * 1000) / 1000;
}

/** The stream's shards first, then those that only responses named because the stream was resharded meanwhile. */
function shardReports(shardIds: readonly string[], totals: Totals): Report['shards'] {
  const ids = new Set([...shardIds, ...totals.shards.keys()]);
  return [...ids].map((id) => {
    const { sent = 0, bytes = 0, throttled = 0 } = totals.shards.get(id) ?? {};
    return { id, sent, bytes, throttled };
  });
}

export function hostReport(): HostReport {
  return {
    kload: version(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processors: availableParallelism(),
  };
}
