import { describe, expect, it } from 'vitest';
import { planFindMax, planOfTrial } from '../../src/config/find-max-plan.js';
import { KloadError } from '../../src/core/errors.js';

type Given = Readonly<Record<string, unknown>>;

const plan = (given: Given = {}, files: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
  planFindMax(given, files, env, 4);

function refusal(given: Given, files: readonly string[] = []): string {
  try {
    plan(given, files);
  } catch (error) {
    if (error instanceof KloadError && error.exit === 'usage') return error.message;
    throw error;
  }
  return 'no error';
}

describe('kload find-max', () => {
  it('plans a run for each rate, whose first seconds do not count', () => {
    const search = plan({ start: '2000', slo: ['latency.p99<200ms', 'behind < 1s after 8s'], shards: '4' });
    expect(search).toMatchObject({ start: 2000, step: 1.25, dwellMs: 30_000, confirmMs: 120_000 });
    expect(planOfTrial(search, 2500, 30_000)).toMatchObject({
      schedule: { kind: 'constant-rate', rps: 2500 },
      durationMs: 30_000,
      thresholds: [{ text: 'latency.p99<200ms', afterSeconds: 5 }, { afterSeconds: 8 }],
      target: { kind: 'embedded', shards: 4, limits: true },
    });
  });

  it('has bounds without --slo, and reads files again and again', () => {
    const search = plan({ stream: 's', arrival: 'poisson' }, ['a.csv']);
    expect(search.slos.map(({ text }) => text)).toEqual(['throttled.rate < 1%', 'behind < 1s', 'records.failed == 0']);
    expect(search.first).toMatchObject({ input: { loop: true }, schedule: { arrival: { kind: 'poisson' } } });
  });

  it('ignores variables of options that it decides itself', () => {
    const env = { KLOAD_COUNT: '5', KLOAD_STAGES: '1@1s', KLOAD_DURATION: '1s', KLOAD_STEP: '2', KLOAD_WORKERS: '3' };
    expect(plan({}, [], env)).toMatchObject({ step: 2, first: { count: undefined, durationMs: 30_000, workers: 3 } });
  });

  it.each<[Given, readonly string[], RegExp]>([
    [{ dwell: '2s' }, [], /--dwell takes at least 3s/],
    [{ dwell: '1m', confirm: '30s' }, [], /--confirm is shorter than --dwell/],
    [{ step: '1' }, [], /--step takes a factor from 1.01 to 10, not '1'/],
    [{ start: '0' }, [], /--start takes a number above 0/],
    [{ slo: ['latency.p98x < 1s'] }, [], /--slo 'latency.p98x < 1s': latency takes min/],
    [{ slo: ['latency.p99 < 1s over 20s'] }, [], /--slo latency.p99 < 1s over 20s: its times add up to more than half/],
    [{ slo: ['latency.p99 < 1s for 16s'] }, [], /for 16s: its times add up to more than half/],
    [{ slo: ['latency.p99 < 1s over 10s after 10s'] }, [], /after 10s: its times add up to more than half/],
    [
      { brokers: 'b:9092', topic: 't', slo: ['shard(*).utilization < 80%'] },
      [],
      /the target has no limits for a shard/,
    ],
    [{ report: ['max.csv'] }, [], /--report max.csv: unknown format/],
    [{}, ['-'], /cannot read standard input once for each trial/],
  ])('%j %j is refused', (given, files, message) => {
    expect(refusal(given, files)).toMatch(message);
  });
});
