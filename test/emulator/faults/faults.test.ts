import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DELAY_MS_MAX, type Delay, drawDelayMs } from '../../../src/emulator/faults/delay.js';
import type { FaultTarget } from '../../../src/emulator/faults/fault-action.js';
import { Faults } from '../../../src/emulator/faults/faults.js';
import { parseFault } from '../../../src/emulator/faults/parse-fault.js';
import { randomOf } from '../../../src/emulator/faults/random.js';

const OPERATIONS = ['GetRecords', 'ListStreams', 'PutRecord', 'PutRecords', 'SplitShard'];
const NOW = 1_760_000_000_000;
const CALLER = { account: '000000000000', region: 'us-east-1' };

function faultsOf(texts: readonly string[], seed = 1): Faults {
  const faults = new Faults(seed);
  for (const text of texts) faults.set(parseFault(text, OPERATIONS), NOW);
  return faults;
}

function target(operation: string, shards: readonly number[] = [0], stream = 'orders'): FaultTarget {
  const ids = shards.map((index) => `shardId-${String(index).padStart(12, '0')}`);
  return { operation, ...CALLER, stream: { name: stream, ...CALLER }, shards: ids };
}

/** For each of `count` equal requests how a fault ended it. */
function ends(faults: Faults, count: number, what = target('PutRecord')): unknown[] {
  return Array.from({ length: count }, () => {
    const { end } = faults.decide(what, NOW);
    return end instanceof Error ? end.name : end;
  });
}

describe('a fault', () => {
  test.each([
    ['internal-error', 'InternalFailure', 500],
    ['throttle-error', 'ThrottlingException', 400],
    ['unavailable-error', 'ServiceUnavailable', 503],
    ['expired-iterator-exception', 'ExpiredIteratorException', 400],
    ['provisioned-throughput-exception', 'ProvisionedThroughputExceededException', 400],
  ])('%s refuses a request with %s and status %i', (text, type, status) => {
    expect(faultsOf([text]).decide(target('GetRecords'), NOW).end).toMatchObject({ type, status });
  });

  test('names the shard in its message, as the service does', () => {
    const { end } = faultsOf(['provisioned-throughput-exception']).decide(target('PutRecord', [2]), NOW);
    const message = 'Rate exceeded for shard shardId-000000000002 in stream orders under account 000000000000.';
    expect(end).toMatchObject({ message });
  });

  test.each([
    ['drop-connection', 'close'],
    ['reset-connection', 'reset'],
    ['lose-response', 'lose-response'],
    ['lose-answer', 'lose-response'],
  ])('%s ends the connection: %s', (name, end) => {
    expect(faultsOf([name]).decide(target('PutRecords'), NOW).end).toBe(end);
  });

  test.each([
    ['operation=PutRecord', target('PutRecord'), target('GetRecords')],
    ['stream=orders', target('PutRecord'), target('PutRecord', [0], 'orders2')],
    ['shard=3', target('PutRecord', [3]), target('PutRecord', [4])],
    ['shard=3', target('PutRecords', [1, 3]), target('PutRecords', [1, 2])],
    ['shard=3', target('SplitShard', [3]), target('ListStreams', [])],
    [
      'account=000000000000',
      target('PutRecord'),
      { ...target('PutRecord'), stream: undefined, account: '123456789012' },
    ],
    ['region=us-east-1', target('PutRecord'), { ...target('PutRecord'), stream: undefined, region: 'eu-west-1' }],
  ])('with %s hits the requests that match, and no others', (filter, hit, missed) => {
    const faults = faultsOf([`unavailable-error:${filter}`]);
    expect(faults.decide(hit, NOW).end).toBeDefined();
    expect(faults.decide(missed, NOW).end).toBeUndefined();
  });

  test('with a count hits at most that many requests', () => {
    expect(ends(faultsOf(['drop-connection:count=2']), 4)).toEqual(['close', 'close', undefined, undefined]);
  });

  test('hits only between its start and its end', () => {
    const faults = faultsOf(['drop-connection:after=10s,duration=5s']);
    const at = (seconds: number) => faults.decide(target('PutRecord'), NOW + seconds * 1000).end;
    expect([0, 9.999, 10, 14.999, 15].map(at)).toEqual([undefined, undefined, 'close', 'close', undefined]);
  });

  test('with a percentage hits that share of the requests', () => {
    const hits = ends(faultsOf(['reset-connection:percentage=20']), 10_000).filter((end) => end === 'reset').length;
    // Six standard deviations.
    expect(Math.abs(hits - 2000)).toBeLessThan(240);
  });

  test('hits single records of PutRecords, independently of each other', () => {
    const faults = faultsOf(['provisioned-throughput-exception:shard=1,percentage=50,operation=PutRecords']);
    const { end, records } = faults.decide(target('PutRecords', [0, 1]), NOW);
    expect(end).toBeUndefined();
    expect(records?.hit('shardId-000000000000')).toBeUndefined();
    const results = Array.from({ length: 1000 }, () => records?.hit('shardId-000000000001'));
    const hits = results.filter((hit) => hit !== undefined);
    expect(Math.abs(hits.length - 500)).toBeLessThan(95);
    expect(hits[0]).toEqual({
      code: 'ProvisionedThroughputExceededException',
      message: 'Rate exceeded for shard shardId-000000000001 in stream orders under account 000000000000.',
    });
  });

  test('with per=request hits whole PutRecords, with per=record single records', () => {
    const { end, records } = faultsOf(['provisioned-throughput-exception:per=request']).decide(
      target('PutRecords'),
      NOW,
    );
    expect(end).toMatchObject({ message: 'Rate exceeded for stream orders under account 000000000000.' });
    expect(records).toBeUndefined();
    expect(faultsOf(['internal-error:per=record']).decide(target('PutRecords'), NOW).records?.hit('x')).toEqual({
      code: 'InternalFailure',
      message: 'Internal service failure.',
    });
  });

  test('of throughput does not hit a request that names no stream', () => {
    const nowhere = { ...target('PutRecord'), stream: undefined };
    expect(faultsOf(['provisioned-throughput-exception']).decide(nowhere, NOW).end).toBeUndefined();
  });
});

describe('several faults', () => {
  test('add up their delays, and the first that was set ends the request', () => {
    const faults = faultsOf(['drop-connection', 'latency:delay=5ms', 'reset-connection', 'latency:delay=7ms']);
    expect(faults.decide(target('PutRecord'), NOW)).toMatchObject({ delayMs: 12, end: 'close' });
    expect(faults.all.map(({ hits }) => hits)).toEqual([1, 1, 0, 1]);
  });

  test('repeat exactly with the same seed, and differ with another', () => {
    const texts = ['drop-connection:percentage=30', 'latency:p50=5ms,p99=50ms', 'reset-connection:percentage=40'];
    const run = (seed: number) => {
      const faults = faultsOf(texts, seed);
      return Array.from({ length: 200 }, () => faults.decide(target('PutRecord'), NOW));
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  test('are independent: a fault hits the same requests whatever other faults are set', () => {
    const alone = ends(faultsOf(['drop-connection:percentage=30']), 300);
    const faults = faultsOf(['drop-connection:percentage=30', 'latency:mean=3ms,percentage=50']);
    expect(ends(faults, 300)).toEqual(alone);
  });
});

describe('a delay', () => {
  test.each<[string, Delay, (sorted: number[]) => [number, number]]>([
    ['uniform', { kind: 'uniform', fromMs: 100, toMs: 300 }, (all) => [mean(all), 200]],
    ['normal', { kind: 'normal', meanMs: 100, sdMs: 20 }, (all) => [all[8413] ?? 0, 120]],
    ['exponential', { kind: 'exponential', meanMs: 100 }, (all) => [mean(all), 100]],
    ['log-normal, at its median', { kind: 'log-normal', p50Ms: 20, p99Ms: 500 }, (all) => [all[5000] ?? 0, 20]],
    [
      'log-normal, at its 99th percentile',
      { kind: 'log-normal', p50Ms: 20, p99Ms: 500 },
      (all) => [(all[9900] ?? 0) / 25, 20],
    ],
  ])('follows its distribution: %s', (_, delay, figure) => {
    const random = randomOf(1, 1);
    const all = Array.from({ length: 10_000 }, () => drawDelayMs(delay, random)).sort((a, b) => a - b);
    const [actual, expected] = figure(all);
    expect(Math.abs(actual - expected) / expected).toBeLessThan(0.1);
  });

  test('is never below zero, nor above the maximum', () => {
    const ms = fc.double({ min: 0.001, max: DELAY_MS_MAX, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), ms, ms, (seed, a, b) => {
        const [p50Ms, p99Ms] = [Math.min(a, b), Math.max(a, b)];
        const random = randomOf(seed, 0);
        for (const delay of [
          { kind: 'normal', meanMs: a, sdMs: b },
          { kind: 'exponential', meanMs: a },
          { kind: 'log-normal', p50Ms, p99Ms },
        ] as const) {
          const drawn = drawDelayMs(delay, random);
          expect(drawn >= 0 && drawn <= DELAY_MS_MAX).toBe(true);
        }
      }),
    );
  });
});

test('random numbers are spread evenly, for all seeds', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(100), (seed, stream) => {
      const random = randomOf(seed, stream);
      const bins = new Array<number>(10).fill(0);
      for (let i = 0; i < 5000; i++) {
        const bin = Math.floor(random() * 10);
        bins[bin] = (bins[bin] ?? 0) + 1;
      }
      expect(bins.every((count) => Math.abs(count - 500) < 150)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
