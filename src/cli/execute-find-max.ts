import { type FindMaxPlan, planOfTrial } from '../config/find-max-plan.js';
import { configOf } from '../config/run-config.js';
import { EXIT_CODES, KloadError } from '../core/errors.js';
import type { Breach, FindMaxReport, Purpose, TrialReport } from '../core/find-max.js';
import type { LiveView } from '../core/live.js';
import type { Report } from '../core/report.js';
import { formatCount, formatDuration, formatLag, formatLatency, formatRecordRate } from '../core/units.js';
import { bestOf, nextTrial } from '../find-max/search.js';
import { checkOutputFiles } from '../output/check-files.js';
import { findMaxSummary, trialText } from '../output/find-max-summary.js';
import { renderFindMax } from '../output/html/find-max-page.js';
import { writeReports } from '../output/write.js';
import { hostReport } from '../report/build.js';
import { openTarget } from '../run/open-run.js';
import { Trial, type Trialled } from '../run/trial.js';
import { nowMs } from '../system/clock.js';
import type { OpenTarget } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';
import { printError, reportError } from './errors.js';
import { printLines } from './print.js';
import { onStopSignal } from './stop-signals.js';

/** Seconds of a trial between two progress lines. */
const LINE_EVERY_SECONDS = 5;
/** What ends a trial without being a reason to end the search. */
const JUDGED: readonly number[] = (['ok', 'failures', 'threshold', 'interrupted'] as const).map(
  (exit) => EXIT_CODES[exit].code,
);

/** Searches for the highest rate, prints it and writes reports. Returns the exit code. */
export async function executeFindMax(plan: FindMaxPlan): Promise<number> {
  const inputs = plan.first.input.kind === 'files' ? plan.first.input.files : [];
  checkOutputFiles(plan.reports, undefined, inputs);
  const search = new Search(plan);
  const offSignals = onStopSignal(() => search.stop());
  try {
    const { report, exitCode } = await search.execute();
    printLines(process.stdout, ...findMaxSummary(report).split('\n'));
    const files = plan.reports.map((file) => ({ flag: '--report', file, render: rendererOf(file) }));
    const failed = (await writeReports(files, report)).map(reportError);
    return exitCode === EXIT_CODES.ok.code ? (failed[0] ?? exitCode) : exitCode;
  } finally {
    offSignals();
  }
}

function rendererOf(file: string): (report: FindMaxReport) => string {
  return file.endsWith('.json') ? (report) => `${JSON.stringify(report, null, 2)}\n` : renderFindMax;
}

/** How a search ended. */
interface Found {
  readonly maxRps: number | null;
  readonly confirmed: boolean;
  readonly exitCode: number;
}

/** One search: trial after trial, on one open target. */
class Search {
  readonly #plan: FindMaxPlan;
  readonly #trials: TrialReport[] = [];
  #current: Trial | undefined;
  #isStopped = false;

  constructor(plan: FindMaxPlan) {
    this.#plan = plan;
  }

  stop(): void {
    // Until a trial is open there is nothing to report.
    if (this.#current === undefined) process.exit(EXIT_CODES.interrupted.code);
    this.#isStopped = true;
    this.#current.abandon();
  }

  async execute(): Promise<{ report: FindMaxReport; exitCode: number }> {
    const startedAt = new Date();
    const startMs = nowMs();
    const { first } = this.#plan;
    const warning = targetKind(first.target.kind).warning(first.target);
    if (warning !== undefined) this.#print(process.stderr, `kload: ${warning}`);
    const target = await openTarget(first, (text) => this.#print(process.stderr, `kload: ${text}`));
    const { maxRps, confirmed, exitCode } = await this.#find(target).finally(() => target.close());
    const { start, step, dwellMs, confirmMs, slos } = this.#plan;
    // One that held when it was tried again broke by chance.
    const tooHigh = this.#trials.filter(({ held, rps }) => !held && rps > (maxRps ?? 0));
    const broken = tooHigh.sort((a, b) => a.rps - b.rps)[0];
    const limit = broken?.broke ? { rps: broken.rps, ...broken.broke } : null;
    const report: FindMaxReport = {
      schema: 'kload.find-max/1',
      startedAt: startedAt.toISOString(),
      durationMs: nowMs() - startMs,
      host: hostReport(),
      config: configOf(first, false),
      target: target.report,
      slos: slos.map(({ text }) => text),
      search: { start, step, dwellMs, confirmMs },
      trials: this.#trials,
      maxRps,
      confirmed,
      limit,
      shards: this.#shardsFor(target, maxRps, broken),
    };
    return { report, exitCode };
  }

  /** Tries rates until the search is over. */
  async #find(target: OpenTarget): Promise<Found> {
    const { dwellMs, confirmMs } = this.#plan;
    for (;;) {
      const next = nextTrial(this.#trials, this.#plan);
      if (!('purpose' in next)) {
        const { rps: maxRps = null, confirmed } = next;
        return { maxRps, confirmed, exitCode: (confirmed ? EXIT_CODES.ok : EXIT_CODES.threshold).code };
      }
      const { rps, purpose } = next;
      const tried = await this.#try(target, rps, purpose, purpose === 'confirm' ? confirmMs : dwellMs);
      const { exitCode, reason, hint } = tried.report.outcome;
      const maxRps = bestOf(this.#trials) ?? null;
      if (this.#isStopped) return { maxRps, confirmed: false, exitCode: EXIT_CODES.interrupted.code };
      if (!JUDGED.includes(exitCode)) {
        printError(reason ?? 'a trial failed', hint);
        return { maxRps, confirmed: false, exitCode };
      }
      const unfit = unfitOf(tried, rps);
      if (unfit !== undefined) return { maxRps, confirmed: false, exitCode: reportError(unfit) };
      const trial = trialReport(rps, purpose, tried);
      this.#trials.push(trial);
      this.#print(process.stdout, `${formatRecordRate(rps)} ${trialText(trial)}`);
    }
  }

  async #try(target: OpenTarget, rps: number, purpose: Purpose, durationMs: number): Promise<Trialled> {
    const what = `${purpose}: ${formatRecordRate(rps)}`;
    const onSecond = (view: LiveView) => {
      const second = Math.floor(Math.min(view.elapsedMs, durationMs) / 1000);
      if (second % LINE_EVERY_SECONDS === 0 && second > 0) {
        this.#print(process.stdout, `  ${what}, ${second} of ${durationMs / 1000} s  ${progressText(view)}`);
      }
    };
    this.#current = await Trial.open(planOfTrial(this.#plan, rps, durationMs), target, onSecond);
    return this.#current.execute();
  }

  /** How many shards a rate needs, if they are what limits it. */
  #shardsFor(target: OpenTarget, maxRps: number | null, broken: TrialReport | undefined): FindMaxReport['shards'] {
    const isShards = target.report.limits && broken !== undefined && broken.throttled > 0;
    if (maxRps === null || !isShards) return null;
    const maxRpsPerShard = maxRps / target.report.shards;
    const { wanted } = this.#plan;
    const needed = wanted === undefined ? null : { rps: wanted, shards: Math.ceil(wanted / maxRpsPerShard - 1e-9) };
    return { maxRpsPerShard, wanted: needed };
  }

  #print(stream: NodeJS.WriteStream, text: string): void {
    if (!this.#plan.first.quiet) printLines(stream, text);
  }
}

/** Why a trial says nothing about its rate, and no other would. */
function unfitOf({ report, unmeasured }: Trialled, rps: number): KloadError | undefined {
  const at = `at ${formatRecordRate(rps)}`;
  if (report.records.sent === 0) {
    const hint = 'check that it still runs; if it only takes long to respond, make --dwell longer';
    return new KloadError('target', `the target took no record in ${formatDuration(report.durationMs)} ${at}`, hint);
  }
  if (unmeasured === undefined) return undefined;
  const hint = 'name a shard that the target has, or leave the bound out';
  return new KloadError('usage', `--slo ${unmeasured.threshold}: no samples ${at}`, hint);
}

function progressText({ seconds, throttled, thresholds }: LiveView): string {
  const last = seconds.at(-1);
  const broken = thresholds.filter(({ ok, value }) => !ok && value !== null);
  return [
    `p99 ${last === undefined || last.sent === 0 ? '-' : formatLatency(last.p99)}`,
    ...(throttled > 0 ? [`throttled ${formatCount(throttled)}`] : []),
    ...broken.map(({ threshold, got }) => `breaks ${threshold}: ${got}`),
  ].join('  ');
}

function trialReport(rps: number, purpose: Purpose, { report, broke, isLate }: Trialled): TrialReport {
  const { latencyMs, throttled, records, thresholds } = report;
  const held = broke === undefined && !isLate;
  return {
    rps,
    purpose,
    held,
    broke: held ? null : breachOf(report, broke),
    durationMs: report.durationMs,
    achieved: report.rps.achieved,
    p50: latencyMs.fromIntended.p50,
    p99: latencyMs.fromIntended.p99,
    throttled: throttled.records,
    failed: records.failed,
    slos: thresholds,
  };
}

function breachOf(report: Report, broke: Trialled['broke']): Breach {
  const worst = report.shards.reduce((a, b) => (b.throttled > a.throttled ? b : a), { id: '', throttled: 0 });
  const shard = broke?.shard ?? (worst.throttled > 0 ? worst.id : null);
  if (broke !== undefined) return { slo: broke.threshold, got: broke.got, shard };
  return {
    slo: 'behind',
    got: `${formatLag(report.scheduleLagMs.max)}, ${formatCount(report.records.unsent)} unsent`,
    shard,
  };
}
