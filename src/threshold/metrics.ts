import { KINESIS_LIMITS } from '../core/limits.js';
import type { ShardCounts } from '../core/snapshot.js';
import type { Distribution, Window } from './window.js';

/** What a metric is measured in. Times are milliseconds, shares parts of 1, bytes and rates per second. */
export type Quantity = 'time' | 'share' | 'count' | 'rate' | 'bytes';

/** Something that a threshold can bound. */
export interface Metric {
  readonly quantity: Quantity;
  /** When its value is known. `grows`: at any time, and it never gets smaller; `at-end`: when the run has ended. */
  readonly known?: 'grows' | 'at-end';
  /** It is an amount of the whole run, to which the parts of a run add up. */
  readonly isSum?: true;
  /** It compares with the rate that the run asks for. */
  readonly needsRate?: true;
  /** It compares with the limits of a shard, which Kafka's partitions do not have. */
  readonly needsShardLimits?: true;
  /** A distribution has a value for each of its figures: `latency.p99`. */
  readonly distribution?: Distribution;
  /** Its value over a window; undefined: there are no samples. */
  readonly value?: (window: Window) => number | undefined;
  /** Its value for one shard over some seconds; it is written `shard(ID).name` or `shard(*).name`. */
  readonly shardValue?: (shard: ShardCounts, seconds: number) => number | undefined;
}

const ratio = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined);

/** One line a metric: the errors and the documentation are made from this table. */
export const METRICS: Readonly<Record<string, Metric>> = {
  latency: { quantity: 'time', distribution: 'fromIntended' },
  service: { quantity: 'time', distribution: 'service' },
  lag: { quantity: 'time', distribution: 'scheduleLag' },
  behind: { quantity: 'time', value: ({ behindMs }) => behindMs },
  'records.sent': { quantity: 'count', isSum: true, known: 'grows', value: ({ sent }) => sent },
  'records.failed': { quantity: 'count', isSum: true, known: 'grows', value: ({ failed }) => failed },
  'records.rejected': { quantity: 'count', isSum: true, known: 'grows', value: ({ rejected }) => rejected },
  'records.maybeDuplicated': {
    quantity: 'count',
    isSum: true,
    known: 'grows',
    value: ({ maybeDuplicated }) => maybeDuplicated,
  },
  'records.unsent': { quantity: 'count', isSum: true, known: 'at-end', value: ({ unsent }) => unsent },
  'failed.rate': { quantity: 'share', value: ({ failed, attempts }) => ratio(failed, attempts) },
  'throttled.rate': { quantity: 'share', value: ({ throttled, attempts }) => ratio(throttled, attempts) },
  'retried.rate': { quantity: 'share', value: ({ retried, attempts }) => ratio(retried, attempts) },
  'rps.achieved': { quantity: 'rate', isSum: true, value: ({ paced }) => ratio(paced.sent, paced.seconds) },
  'rps.deviation': {
    quantity: 'share',
    needsRate: true,
    value: ({ paced }) => ratio(Math.abs(paced.sent - paced.asked), paced.asked),
  },
  'bytes.rate': { quantity: 'bytes', isSum: true, value: ({ paced }) => ratio(paced.bytes, paced.seconds) },
  'shard(*).throttled.rate': {
    quantity: 'share',
    shardValue: ({ sent, throttled }) => ratio(throttled, sent + throttled),
  },
  'shard(*).utilization': {
    quantity: 'share',
    isSum: true,
    needsShardLimits: true,
    shardValue: ({ sent, bytes }, seconds) =>
      ratio(Math.max(sent / KINESIS_LIMITS.shardRecordsPerSecond, bytes / KINESIS_LIMITS.shardBytesPerSecond), seconds),
  },
};
