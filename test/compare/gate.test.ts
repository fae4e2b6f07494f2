import { describe, expect, it } from 'vitest';
import { judge, parseGate } from '../../src/compare/gate.js';
import type { ComparedMetric } from '../../src/core/comparison.js';

describe('a change is read', () => {
  it.each([
    ['latency.p99 > +5%', { bound: 0.05, isRelative: true, operator: '>' }],
    ['latency.p99.9>=+20ms', { bound: 20, isRelative: false, operator: '>=' }],
    ['rps.achieved < -1%', { bound: -0.01, isRelative: true, operator: '<' }],
    ['rps.achieved < -100/s', { bound: -100, isRelative: false }],
    ['throttled.rate > +1pp', { bound: 0.01, isRelative: false }],
    ['throttled.rate  >  +10%', { text: 'throttled.rate > +10%', bound: 0.1, isRelative: true }],
    ['service.mean > +0%', { bound: 0 }],
  ])('%s', (text, wanted) => expect(parseGate(text)).toMatchObject(wanted));

  it.each([
    ['latency.p99', 'is not a change'],
    ['latency.p99 > 5%', 'a change has a sign, such as +5%'],
    ['latency.p99 > +5', 'latency.p99 takes a change such as +5% or +20ms'],
    ['throttled.rate > +5ms', 'takes a change such as +5% or +1pp'],
    ['latency.p99 == +5%', 'take <, <=, > or >='],
    ['latency.p99 > +5% over 10s', "'over 10s' is for thresholds"],
    ['latncy.p99 > +5%', 'did you mean latency.p99?'],
    ['records.failed > +5%', 'records.failed is not compared: take latency, service or lag'],
    ['shard(*).utilization > +5%', 'is not compared'],
  ])('%s is refused', (text, message) => expect(() => parseGate(text)).toThrow(message));
});

const row = (low: number, high: number, changes: Partial<ComparedMetric> = {}): ComparedMetric => ({
  ...{ metric: 'latency.p99', unit: 'ms', base: 100, new: 110, ratio: 1.1, interval: { low, high } },
  ...{ verdict: 'worse', reason: null, ...changes },
});

describe('a gate', () => {
  const stateOf = (text: string, one: ComparedMetric) => {
    const { state, ok } = judge(parseGate(text), one);
    return `${state}${ok ? '' : ', fails'}`;
  };

  it('fails only if the whole interval is beyond the bound', () => {
    expect(stateOf('latency.p99 > +5%', row(1.06, 1.2))).toBe('shown, fails');
    expect(stateOf('latency.p99 > +5%', row(1.04, 1.2))).toBe('not shown');
    expect(stateOf('latency.p99 > +5%', row(0.9, 1.04))).toBe('holds');
    expect(stateOf('latency.p99 > +5ms', row(1.06, 1.2))).toBe('shown, fails');
    expect(stateOf('rps.achieved < -1%', row(0.9, 0.98))).toBe('shown, fails');
    expect(stateOf('rps.achieved < -1%', row(0.9, 1))).toBe('not shown');
  });

  it('takes a share by its points, or relative to the base', () => {
    const share = { unit: 'share', base: 0.1, new: 0.13, ratio: 1.3 } as const;
    expect(stateOf('throttled.rate > +2pp', row(0.025, 0.035, share))).toBe('shown, fails');
    expect(stateOf('throttled.rate > +20%', row(0.025, 0.035, share))).toBe('shown, fails');
    expect(stateOf('throttled.rate > +30%', row(0.025, 0.035, share))).toBe('not shown');
    expect(stateOf('throttled.rate > +30%', row(0.025, 0.035, { ...share, base: 0 }))).toBe('shown, fails');
    expect(stateOf('throttled.rate > +30%', row(0, 0, { ...share, base: 0 }))).toBe('holds');
  });

  it('does not pass if nothing can be said', () => {
    const cannot = row(0, 0, { interval: null, verdict: 'cannot tell', reason: 'too short' });
    expect(judge(parseGate('latency.p99 > +5%'), cannot)).toMatchObject({
      state: 'cannot tell',
      ok: false,
      got: 'too short',
    });
    const other = row(0, 0, { interval: null, verdict: 'not comparable', reason: 'another target' });
    expect(judge(parseGate('latency.p99 > +5%'), other)).toMatchObject({ state: 'not comparable', ok: false });
  });
});
