import type { RunPlan } from '../config/run-plan.js';
import type { LiveView } from '../core/live.js';
import type { Report, ThresholdReport } from '../core/report.js';
import type { OpenTarget } from '../target/kind.js';
import { openRun } from './open-run.js';
import type { Run } from './run.js';

const LOOK_EVERY_MS = 1000;
/** A trial that has not read its last record so long after this was due cannot keep up. */
const LATE_MS = 1500;
/** How long a trial may take to send what it has read. */
const DRAIN_MS = 5000;
/** A bound that is broken for this share of a trial, on end, stays broken. */
const BROKEN_SHARE = 0.2;
const BROKEN_SECONDS_MIN = 3;
const BROKEN_SECONDS_MAX = 10;

/** How a trial went. */
export interface Trialled {
  readonly report: Report;
  /** The bound that broke first, and was still broken at the end. */
  readonly broke: ThresholdReport | undefined;
  /** A bound that had no samples, although the run sent its records in time. */
  readonly unmeasured: ThresholdReport | undefined;
  /** Whether the run could not send its records in time. */
  readonly isLate: boolean;
}

/** A run at one rate, which ends at the latest soon after its last record was due. */
export class Trial {
  readonly #plan: RunPlan;
  readonly #run: Run;
  readonly #onSecond: (view: LiveView) => void;
  /** For how many seconds on end each bound has been broken, by its text. */
  readonly #brokenFor = new Map<string, number>();
  #drainingSinceMs: number | undefined;
  #isLate = false;

  /** @throws KloadError if the input cannot be opened */
  static async open(plan: RunPlan, target: OpenTarget, onSecond: (view: LiveView) => void): Promise<Trial> {
    return new Trial(plan, await openRun(plan, () => {}, { target }), onSecond);
  }

  private constructor(plan: RunPlan, run: Run, onSecond: (view: LiveView) => void) {
    this.#plan = plan;
    this.#run = run;
    this.#onSecond = onSecond;
  }

  /** Ends it at once. */
  abandon(): void {
    // The first call would drain: what is behind a limit may take long.
    this.#run.stop();
    this.#run.stop();
  }

  async execute(): Promise<Trialled> {
    const timer = setInterval(() => this.#look(this.#run.view()), LOOK_EVERY_MS);
    const report = await this.#run.execute().finally(() => clearInterval(timer));
    const broken = report.thresholds.filter(({ ok, value }) => !ok && value !== null);
    const unmeasured = this.#isLate ? undefined : report.thresholds.find(({ value }) => value === null);
    const since = ({ threshold }: ThresholdReport) => this.#brokenFor.get(threshold) ?? 0;
    const broke = broken.reduce<ThresholdReport | undefined>(
      (first, one) => (first === undefined || since(one) > since(first) ? one : first),
      undefined,
    );
    return { report, broke, unmeasured: broke === undefined ? unmeasured : undefined, isLate: this.#isLate };
  }

  #look(view: LiveView): void {
    const { phase, elapsedMs, thresholds } = view;
    if (phase !== 'running' && phase !== 'draining') return;
    this.#onSecond(view);
    for (const { threshold, ok, value } of thresholds) {
      this.#brokenFor.set(threshold, ok || value === null ? 0 : (this.#brokenFor.get(threshold) ?? 0) + 1);
    }
    const lengthMs = this.#plan.durationMs ?? 0;
    if (phase === 'draining') this.#drainingSinceMs ??= elapsedMs;
    const isSlow = this.#drainingSinceMs !== undefined && elapsedMs - this.#drainingSinceMs > DRAIN_MS;
    this.#isLate ||= isSlow || (phase === 'running' && elapsedMs > lengthMs + LATE_MS);
    const share = (lengthMs / 1000) * BROKEN_SHARE;
    const broken = Math.min(BROKEN_SECONDS_MAX, Math.max(BROKEN_SECONDS_MIN, share));
    if (this.#isLate || [...this.#brokenFor.values()].some((seconds) => seconds >= broken)) this.abandon();
  }
}
