import type { Report, ShardSteps, ShardsOverTime } from '../core/report.js';

/** As in a report of one run. */
const STEPS_MAX = 4096;
const SHARDS_REPORTED = 64;

/** A report, and how many seconds after the first one it began. */
export interface Shifted {
  readonly report: Pick<Report, 'shards' | 'shardsOverTime' | 'intervals'>;
  readonly shiftSeconds: number;
}

/** What one shard, or all the others of a report, took in a step. */
interface Cell {
  /** undefined: the others. */
  readonly id: string | undefined;
  /** Of the whole. */
  readonly second: number;
  readonly sent: number;
  readonly throttled: number;
}

/**
 * Adds what the shards took over time. The steps are the longest of the reports. A report names 64 shards at most: one
 * that a report has among its others is among the others of the whole.
 *
 * @param ids all shards of all reports; null is returned for fewer than two
 */
export function addShardsOverTime(reports: readonly Shifted[], ids: readonly string[]): ShardsOverTime | null {
  if (ids.length < 2) return null;
  const cells = reports.flatMap(cellsOf);
  const seconds = cells.reduce((last, { second }) => Math.max(last, second + 1), 0);
  let stepSeconds = Math.max(1, ...reports.map(({ report }) => report.shardsOverTime?.stepSeconds ?? 1));
  while (seconds > STEPS_MAX * stepSeconds) stepSeconds *= 2;
  const length = Math.ceil(seconds / stepSeconds);

  const series = new Map(ids.map((id) => [id, new Series(length)]));
  for (const id of hiddenIds(reports)) series.delete(id);
  const others = new Series(length);
  for (const { id, second, sent, throttled } of cells) {
    const one = (id !== undefined && series.get(id)) || others;
    one.add(Math.floor(second / stepSeconds), sent, throttled);
  }
  const byLoad = [...series].sort(([, a], [, b]) => b.load - a.load);
  const shown = byLoad.slice(0, SHARDS_REPORTED);
  for (const [, one] of byLoad.slice(SHARDS_REPORTED)) others.addAll(one);
  const count = ids.length - shown.length;
  return {
    stepSeconds,
    shards: shown.map(([id, one]) => ({ id, ...one.steps() })),
    others: count === 0 ? null : { count, ...others.steps() },
  };
}

/** The shards that a report has, but does not name. */
function hiddenIds(reports: readonly Shifted[]): Set<string> {
  const hidden = new Set<string>();
  for (const { report } of reports) {
    if (report.shardsOverTime?.others == null) continue;
    const named = new Set(report.shardsOverTime.shards.map(({ id }) => id));
    for (const { id } of report.shards) if (!named.has(id)) hidden.add(id);
  }
  return hidden;
}

function cellsOf({ report, shiftSeconds }: Shifted): Cell[] {
  const { shards, shardsOverTime, intervals } = report;
  if (shardsOverTime === null) {
    // All that happened, happened on the only shard.
    const id = shards[0]?.id;
    return id === undefined
      ? []
      : intervals.map(({ t, sent, throttled }) => ({ id, second: shiftSeconds + t, sent, throttled }));
  }
  const { stepSeconds, others } = shardsOverTime;
  const cells = (id: string | undefined, { sent, throttled }: Omit<ShardSteps, 'id'>): Cell[] =>
    sent.map((count, step) => ({
      id,
      second: shiftSeconds + step * stepSeconds,
      sent: count,
      throttled: throttled?.[step] ?? 0,
    }));
  return [...shardsOverTime.shards.flatMap((one) => cells(one.id, one)), ...(others ? cells(undefined, others) : [])];
}

class Series {
  readonly #sent: number[];
  readonly #throttled: number[];
  load = 0;

  constructor(length: number) {
    this.#sent = Array.from({ length }, () => 0);
    this.#throttled = Array.from({ length }, () => 0);
  }

  add(step: number, sent: number, throttled: number): void {
    this.#sent[step]! += sent;
    this.#throttled[step]! += throttled;
    this.load += sent + throttled;
  }

  addAll(other: Series): void {
    for (const [step, sent] of other.#sent.entries()) this.add(step, sent, other.#throttled[step]!);
  }

  steps(): Omit<ShardSteps, 'id'> {
    const isThrottled = this.#throttled.some((count) => count > 0);
    return { sent: this.#sent, throttled: isThrottled ? this.#throttled : null };
  }
}
