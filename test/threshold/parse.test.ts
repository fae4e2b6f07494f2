import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/threshold/metrics.js';
import { parseThreshold, valueText } from '../../src/threshold/parse.js';

const WHOLE_RUN = { overSeconds: Number.POSITIVE_INFINITY, forSeconds: 0, afterSeconds: 0, abort: false };

describe('a threshold is read', () => {
  it.each([
    ['latency.p99<200ms', { stat: 99, operator: '<', bound: 200, ...WHOLE_RUN }],
    ['latency.p99.99 <= 1.5s', { stat: 99.99, operator: '<=', bound: 1500 }],
    ['service.max < 1m30s', { stat: 100, bound: 90_000 }],
    ['lag.min>=500us', { stat: 0, operator: '>=', bound: 0.5 }],
    ['latency.mean < 0', { stat: 'mean', bound: 0 }],
    ['throttled.rate < 1%', { bound: 0.01 }],
    ['records.failed == 0', { operator: '==', bound: 0 }],
    ['records.sent >= 1_000_000', { operator: '>=', bound: 1e6 }],
    ['rps.achieved > 1e4/s', { bound: 10_000 }],
    ['bytes.rate > 4MiB/s', { bound: 4 * 2 ** 20 }],
    ['behind<1s', { bound: 1000 }],
    ['shard(*).utilization < 80%', { shard: undefined, bound: 0.8 }],
    ['shard(shardId-000000000003).throttled.rate != 0%', { shard: 'shardId-000000000003', operator: '!=', bound: 0 }],
    [
      ' latency.p99  < 200ms   over 10s for 30s after 1m abort ',
      {
        text: 'latency.p99 < 200ms over 10s for 30s after 1m abort',
        ...{ overSeconds: 10, forSeconds: 30, afterSeconds: 60, abort: true },
      },
    ],
    ['latency.p99 < 1s abort for 5s', { overSeconds: 1, forSeconds: 5, abort: true }],
  ])('%s', (text, wanted) => {
    expect(parseThreshold(text)).toMatchObject(wanted);
  });

  it('with the number that a measured value has', () => {
    for (let n = 0; n <= 3000; n++) {
      expect(parseThreshold(`failed.rate >= ${n}%`).bound).toBe(n / 100);
      expect(parseThreshold(`latency.p50 <= ${n}us`).bound).toBe(n / 1000);
    }
  });

  it('for each metric of the table, in the form in which errors name it', () => {
    for (const [name, { distribution, quantity }] of Object.entries(METRICS)) {
      const value = { time: '1s', share: '1%', count: '1', rate: '1', bytes: '1MB' }[quantity];
      expect(parseThreshold(`${distribution ? `${name}.p50` : name} < ${value}`).metric).toBe(METRICS[name]);
    }
  });
});

describe('what cannot be read is refused with what would be right', () => {
  it.each([
    ['', 'is not a threshold'],
    ['latency.p99', 'is not a threshold'],
    ['latency.p99 < ', 'is not a threshold'],
    ['latency.p99 = 5ms', 'write == instead of ='],
    ['latncy.p99 < 5ms', 'did you mean latency.p99?'],
    ['throtled.rate < 1%', 'did you mean throttled.rate?'],
    ['shard(*).utilisation < 80%', 'did you mean shard(*).utilization?'],
    ['constructor < 5', "there is no metric 'constructor'"],
    ['toString.p99 < 5ms', "there is no metric 'toString.p99'"],
    ['records.failed < 5constructor', 'takes a number of records'],
    ['latency < 5ms', 'latency takes min, mean, max or a percentile'],
    ['latency.p101 < 5ms', 'latency takes min, mean, max or a percentile'],
    ['latency.p99 < 5', 'takes a time with its unit'],
    ['latency.p99 < 5parsecs', 'takes a time with its unit'],
    ['throttled.rate < 0.01', 'takes a percentage'],
    ['records.failed < 1%', 'takes a number of records'],
    ['rps.achieved > 5ms', 'takes records a second'],
    ['bytes.rate > 5', 'takes bytes a second'],
    ['latency.p99 < 5ms over 0.5s', 'over takes whole seconds'],
    ['latency.p99 < 5ms over', "'over' is not over, for, after"],
    ['latency.p99 < 5ms often', "'often' is not over, for, after"],
    ['latency.p99 < 5ms over 1s over 2s', "it has 'over' twice"],
    ['records.unsent == 0 abort', 'is known when the run has ended'],
    ['records.unsent == 0 after 5s', 'leave out over, for, after and abort'],
    ['records.sent > 5 abort', 'grows until the run ends'],
  ])('%s', (text, message) => {
    expect(() => parseThreshold(text)).toThrow(message);
  });
});

it('shows a value in the unit of its metric', () => {
  const show = (text: string, value: number): string => valueText(parseThreshold(text), value);
  expect(show('latency.p99 < 1s', 61.23)).toBe('61.2 ms');
  expect(show('throttled.rate < 1%', 0.034)).toBe('3.4 %');
  expect(show('records.failed == 0', 1234)).toBe('1,234');
  expect(show('rps.achieved > 1', 4998.4)).toBe('4,998/s');
  expect(show('bytes.rate > 1MB', 1_200_000)).toBe('1.2 MB/s');
});
