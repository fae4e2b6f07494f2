import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRICS, SHARD_LABELS_MAX } from '../../../src/output/live/metrics.js';
import { prefersOpenMetrics } from '../../../src/output/live/metrics-server.js';
import { prometheusName, prometheusText } from '../../../src/output/live/prometheus.js';
import { type Family, readExposition } from '../../support/exposition.js';
import { figures, totalsOf } from './figures.js';

const RESOURCE = { 'service.name': 'kload' };

function families(...given: Parameters<typeof figures>): Map<string, Family> {
  return readExposition(prometheusText(figures(...given), RESOURCE, 'prometheus'));
}

function valuesOf(family: Family | undefined, name: string): Record<string, number> {
  const samples = family?.samples.get(name) ?? [];
  return Object.fromEntries(samples.map(({ labels, value }) => [Object.values(labels).join(), value]));
}

describe('the names of metrics', () => {
  it.each([
    ['kload.records.sent', '{record}', 'counter', 'kload_records_sent_total'],
    ['kload.sent', 'By', 'counter', 'kload_sent_bytes_total'],
    ['kload.latency', 's', 'histogram', 'kload_latency_seconds'],
    ['kload.target.rate', '{record}/s', 'gauge', 'kload_target_rate_per_second'],
    ['process.cpu.time', 's', 'counter', 'process_cpu_time_seconds_total'],
    ['kload.records.unsent', '{record}', 'updowncounter', 'kload_records_unsent'],
  ] as const)('%s in %s, a %s, is %s', (name, unit, kind, expected) => {
    expect(prometheusName({ name, unit, kind })).toBe(expected);
  });

  it('are unique, and none is a namespace of another', () => {
    const names = METRICS.map(({ name }) => name);
    for (const name of names) expect(names.filter((other) => `${other}.`.startsWith(`${name}.`))).toHaveLength(1);
    expect(new Set(METRICS.map(prometheusName)).size).toBe(METRICS.length);
  });
});

describe('the text for Prometheus', () => {
  it('has a HELP and a TYPE for each metric, in an order that keeps the long ones last', () => {
    const text = prometheusText(
      figures({ totals: totalsOf({ errors: new Map([['Oops', 1]]) }) }),
      RESOURCE,
      'prometheus',
    );
    const read = readExposition(text);
    const withoutThresholds = METRICS.filter(({ name }) => name !== 'kload.threshold.ok');
    expect([...read.keys()]).toEqual(['target_info', ...withoutThresholds.map(prometheusName)]);
    for (const { help } of read.values()) expect(help).toMatch(/^[A-Z].*\.$/);
    const types = [...read.values()].map(({ type }) => type);
    expect(types.slice(types.indexOf('histogram'))).toEqual(['histogram', 'histogram', 'histogram']);
  });

  it('reads back as what went in, whatever the labels hold', () => {
    const labels = fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 80 });
    fc.assert(
      fc.property(labels, labels, (shards, errors) => {
        const shardCounts = new Map(shards.map((id, i) => [id, { sent: i, bytes: 7 * i, throttled: 1 }]));
        const totals = totalsOf({ errors: new Map(errors.map((code, i) => [code, i])) }, { shards: shardCounts });
        const read = families({ totals, shardIds: [], thresholds: [] });
        const sent = valuesOf(read.get('kload_shard_records_sent_total'), 'kload_shard_records_sent_total');
        const expected = Object.fromEntries(shards.slice(0, SHARD_LABELS_MAX).map((id, i) => [id, i]));
        expect(sent).toMatchObject(expected);
        const sum = (values: Record<string, number>) => Object.values(values).reduce((a, b) => a + b, 0);
        const sumBelow = (n: number) => Array.from({ length: n }, (_, i) => i).reduce((a, b) => a + b, 0);
        expect(sum(sent)).toBe(sumBelow(shards.length));
        expect(Object.keys(sent).length).toBeLessThanOrEqual(SHARD_LABELS_MAX + 1);
        const counted = valuesOf(read.get('kload_errors_total'), 'kload_errors_total');
        expect(sum(counted)).toBe(sumBelow(errors.length));
      }),
    );
  });

  it("gives the shards after the first 64 one label, 'other', and keeps the labels when shards are added", () => {
    const shardIds = Array.from({ length: 70 }, (_, i) => `shard-${i}`);
    const counts = (ids: readonly string[]) => new Map(ids.map((id) => [id, { sent: 1, bytes: 1, throttled: 0 }]));
    const read = (ids: readonly string[]) =>
      valuesOf(
        families({ shardIds, totals: totalsOf({}, { shards: counts(ids) }) }).get('kload_shard_records_sent_total'),
        'kload_shard_records_sent_total',
      );
    const before = read(shardIds);
    expect(Object.keys(before)).toHaveLength(65);
    expect(before).toMatchObject({ 'shard-0': 1, 'shard-63': 1, other: 6 });
    // Responses name a new shard first: it must not push another one out of its label.
    expect(read(['shard-new', ...shardIds])).toEqual({ ...before, other: 7 });
  });

  it('has no rate for a run without one, and no verdict on a threshold without samples until the end', () => {
    const thresholds = [
      { threshold: 'behind < 1s', ok: false, value: null, got: 'no samples', shard: null, since: null },
    ];
    const early = families({ rps: undefined, thresholds });
    expect([early.has('kload_target_rate_per_second'), early.has('kload_threshold_ok')]).toEqual([false, false]);
    const late = families({ phase: 'done', thresholds: [...thresholds, ...thresholds] });
    expect(valuesOf(late.get('kload_threshold_ok'), 'kload_threshold_ok')).toEqual({ 'behind < 1s': 0 });
  });

  it('in OpenMetrics has the same values, families without _total, units, and an end', () => {
    const given = figures({ totals: totalsOf({ errors: new Map([['a"b\\c\nd', 1]]) }, { sent: 3, times: [1, 2, 3] }) });
    const isStable = (line: string) => !line.startsWith('#') && !line.startsWith('process_');
    const samplesOf = (format: 'prometheus' | 'openmetrics') =>
      prometheusText(given, RESOURCE, format).split('\n').filter(isStable);
    expect(samplesOf('openmetrics')).toEqual(samplesOf('prometheus'));
    const text = prometheusText(given, RESOURCE, 'openmetrics');
    expect(text).toMatch(/# TYPE kload_sent_bytes counter\n# UNIT kload_sent_bytes bytes\nkload_sent_bytes_total 0\n/);
    expect(text).toMatch(/# TYPE kload_latency_seconds histogram\n# UNIT kload_latency_seconds seconds\n/);
    expect(text).toMatch(/# TYPE target info\ntarget_info\{service_name="kload"\} 1\n/);
    expect(text).toMatch(/\n# EOF\n$/);
    expect(text).toContain('le="1.0"');
  });
});

describe('which format a client prefers', () => {
  it.each([
    [undefined, false],
    ['*/*', false],
    ['text/html,application/xhtml+xml,*/*;q=0.8', false],
    // Prometheus 2.42 and 3.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      true,
    ],
    ['application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;q=0.4', true],
    ['application/openmetrics-text', true],
    ['Application/OpenMetrics-Text; Version=1.0.0; q=0.2, text/plain', false],
    ['application/openmetrics-text;version=2.0.0', false],
    ['application/openmetrics-text;q=0', false],
  ])('%s: %s', (accept, expected) => {
    expect(prefersOpenMetrics(accept)).toBe(expected);
  });
});
