import { expect, it } from 'vitest';
import { packView, unpackView } from '../../src/ui/messages.js';
import { screenOf } from './rendered.js';
import { makeView, threshold } from './views.js';

const HELD = threshold('lag.p99 < 50ms over 5s', { got: '6.1 ms' });
const BROKEN = threshold('sent.rate > 4500', { ok: false, got: '4,120/s' });
const CROSSED = threshold('shard.throttled < 1% over 5s', {
  ok: false,
  got: '3.4 %',
  shard: 'shardId-000000000003',
  since: 72,
});
const UNKNOWN = threshold('latency.p99 < 200ms over 1m', { ok: false, value: null, got: 'no samples' });

it('shows each threshold: whether it is crossed, its value, the shard, and since when', () => {
  const text = screenOf(makeView({ thresholds: [HELD, BROKEN, CROSSED, UNKNOWN] }), 80, 40);
  expect(text).toMatch(
    new RegExp(
      [
        '─ thresholds ─+ 1 of 4 crossed ─',
        'ok {8}lag\\.p99 < 50ms over 5s +6\\.1 ms',
        'broken {4}sent\\.rate > 4500 +4,120/s',
        'crossed {3}shard\\.throttled < 1% over 5s +3\\.4 % {2}shard 3, since 1m 12s',
        'no value {2}latency\\.p99 < 200ms over 1m',
        '─ ',
      ].join('\n'),
    ),
  );
});

it('shows the crossed ones if there is no room for all, and at every size at least one', () => {
  const view = makeView({ thresholds: [HELD, HELD, CROSSED] });
  for (const [columns, rows] of [
    [60, 15],
    [80, 24],
    [100, 30],
    [200, 50],
  ] as const) {
    expect(screenOf(view, columns, rows)).toMatch(/crossed {3}shard\.thr.* since 1m 12s/);
  }
  expect(screenOf(view, 60, 15)).toMatch(/1 of 3 crossed, \d shown ─\ncrossed/);
});

it('calls what is broken at the end crossed', () => {
  expect(screenOf(makeView({ phase: 'done', thresholds: [BROKEN] }), 80, 24)).toMatch(/crossed {3}sent\.rate > 4500/);
});

it('takes no room in a run without thresholds', () => {
  expect(screenOf(makeView())).not.toContain('thresholds');
});

it('reaches the thread with the view', () => {
  const view = makeView({ thresholds: [CROSSED] });
  expect(unpackView(structuredClone(packView(view))).thresholds).toEqual([CROSSED]);
});
