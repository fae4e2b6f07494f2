import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../src/compare/compare.js';
import type { CompareVerdict } from '../../src/core/comparison.js';
import { runs } from '../support/runs.js';
import { halvesOf, runOfSeconds, type Simulated, simulatedSeconds } from './simulated-runs.js';

/** How often a verdict is wrong, where the truth is known. */

const OPTIONS = { seed: 1, resamples: 200, gates: [], ignored: [] };
const TARGET = { recordsPerSecond: 40, spread: 0.2 };

/** The part of all seeds in which the halves of one run are called different, in any metric. */
function calledDifferent(seeds: number, simulated: Simulated): number {
  let different = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const { metrics } = compareRuns(halvesOf(seed, simulated), OPTIONS);
    if (metrics.some(({ verdict }) => verdict === 'better' || verdict === 'worse')) different++;
  }
  return different / seeds;
}

/** The part of all seeds in which the median of a run with 20 % more latency has this verdict. */
function withMore(verdict: CompareVerdict, seeds: number, simulated: Simulated): number {
  let found = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const base = runOfSeconds('base.json', [...simulatedSeconds(seed, simulated)]);
    const slower = runOfSeconds('new.json', [...simulatedSeconds(seed + 10_000, { ...simulated, factor: 1.2 })]);
    const { metrics } = compareRuns({ base: [base], new: [slower] }, OPTIONS);
    if (metrics.find(({ metric }) => metric === 'latency.p50')!.verdict === verdict) found++;
  }
  return found / seeds;
}

describe('halves of one run', () => {
  it('are called different in at most 7 % of all seeds', () => {
    expect(calledDifferent(runs(500), { ...TARGET, seconds: 240, correlation: 0.5 })).toBeLessThanOrEqual(0.07);
  });

  it.each([
    [120, 0],
    [120, 0.5],
    [120, 0.8],
    [120, 0.9],
    [240, 0],
    [240, 0.8],
    [240, 0.9],
    [600, 0.8],
    [600, 0.9],
  ])('of %i s whose seconds correlate by %d, neither', { tags: 'long', timeout: 600_000 }, (seconds, correlation) => {
    expect(calledDifferent(500, { ...TARGET, seconds, correlation })).toBeLessThanOrEqual(0.07);
  });
});

describe('20 % more latency', () => {
  it('is found in at least 95 % of all seeds', () => {
    const simulated = { ...TARGET, spread: 0.1, seconds: 120, correlation: 0.5 };
    expect(withMore('worse', runs(200), simulated)).toBeGreaterThanOrEqual(0.95);
  });

  it.each([
    [300, 0.5],
    [900, 0.8],
  ])(
    'in runs of %i s whose seconds correlate by %d, too',
    { tags: 'long', timeout: 600_000 },
    (seconds, correlation) => {
      expect(withMore('worse', 200, { ...TARGET, seconds, correlation })).toBeGreaterThanOrEqual(0.95);
    },
  );
});
