import type { Faults } from '../faults/faults.js';
import type { Accounts } from '../store/accounts.js';
import type { Stream } from '../store/stream.js';
import type { Traffic } from '../store/traffic.js';
import type { CutReason } from '../wire/bounds.js';
import { type Metric, numberText, type Sample } from './prometheus.js';
import { LATENCY_BOUNDS_SECONDS, type RequestMetrics } from './request-metrics.js';

export interface WireFigures {
  /** Open ones, idle ones too. */
  readonly connections: number;
  /** Of answers that clients have yet to read. */
  readonly unreadBytes: number;
}

/** Where the numbers come from. */
export interface MetricSources {
  readonly version: string;
  readonly requests: RequestMetrics;
  readonly accounts: Accounts;
  readonly faults: Faults;
  readonly wire: WireFigures;
  readonly cuts: ReadonlyMap<CutReason, number>;
  readonly uptimeSeconds: () => number;
}

/** All that can be told in numbers, at this moment. */
export function collectMetrics(sources: MetricSources, now: number): Metric[] {
  const { requests, accounts, faults, wire, cuts } = sources;
  const streams = accounts.allStreams(now);
  return [
    gauge('kload_info', 'The version, as a label.', [{ labels: { version: sources.version }, value: 1 }]),
    gauge('kload_uptime_seconds', 'Since the emulator was started.', [{ value: sources.uptimeSeconds() }]),
    gauge('kload_connections', 'Open connections of clients.', [{ value: wire.connections }]),
    counter(
      'kload_connections_cut_total',
      'Connections that were ended: too many bytes of answers waited to be read (unread), too many were open (too-many).',
      [...cuts].map(([reason, value]) => ({ labels: { reason }, value })),
    ),
    gauge('kload_unread_bytes', 'Answers that clients have yet to read.', [{ value: wire.unreadBytes }]),
    counter(
      'kload_requests_total',
      'Requests by operation and code: 200, the type of an error, or none where there was no answer.',
      requestSamples(requests),
    ),
    {
      name: 'kload_request_duration_seconds',
      type: 'histogram',
      help: 'From when a request had arrived until its answer was ready.',
      samples: latencySamples(requests),
    },
    ...streamMetrics(streams),
    counter(
      'kload_faults_total',
      'Hits of faults on demand.',
      [...faults.hitsByName].map(([fault, value]) => ({ labels: { fault }, value })),
    ),
    gauge('kload_faults_active', 'Faults that are set.', [{ value: faults.all.length }]),
    gauge('kload_records_memory_bytes', 'Memory that holds records.', [{ value: accounts.memory.bytes }]),
    gauge('kload_records_memory_max_bytes', 'The bound on it.', [{ value: accounts.memory.bytesMax }]),
    counter('kload_records_evicted_total', 'Records that left before their retention ended, at the bound.', [
      { value: accounts.memory.droppedRecords },
    ]),
    gauge('process_resident_memory_bytes', 'Memory of the process.', [{ value: process.memoryUsage.rss() }]),
  ];
}

function streamMetrics(streams: readonly Stream[]): Metric[] {
  const by = (figure: (stream: Stream) => number): Sample[] =>
    streams.map((stream) => ({ labels: labelsOf(stream), value: figure(stream) }));
  const traffic = (figure: keyof Traffic) => by((stream) => stream.traffic[figure]);
  return [
    gauge('kload_streams', 'Streams, in whatever state.', [{ value: streams.length }]),
    gauge(
      'kload_stream_open_shards',
      'Shards that take records.',
      by(({ openShards }) => openShards.length),
    ),
    gauge(
      'kload_stream_shards',
      'Shards, closed ones that still hold records, too.',
      by(({ shards }) => shards.length),
    ),
    counter('kload_stream_records_in_total', 'Records stored.', traffic('recordsIn')),
    counter('kload_stream_bytes_in_total', 'Bytes stored, data and keys.', traffic('bytesIn')),
    counter('kload_stream_records_out_total', 'Records read.', traffic('recordsOut')),
    counter('kload_stream_bytes_out_total', 'Bytes read, data and keys.', traffic('bytesOut')),
    counter(
      'kload_stream_throttled_records_total',
      'Records refused by a limit of a shard.',
      traffic('writesThrottled'),
    ),
    counter('kload_stream_throttled_reads_total', 'Reads refused by a limit of a shard.', traffic('readsThrottled')),
  ];
}

function labelsOf({ name, account, state }: Stream) {
  return { account, region: state.region, stream: name };
}

function requestSamples({ counts }: RequestMetrics): Sample[] {
  return [...counts].flatMap(([operation, codes]) =>
    [...codes].map(([code, value]) => ({ labels: { operation, code }, value })),
  );
}

function latencySamples({ latencies }: RequestMetrics): Sample[] {
  return [...latencies].flatMap(([operation, { buckets, sumMs }]) => {
    let count = 0;
    const samples: Sample[] = [...buckets].map((inBucket, i) => {
      count += inBucket;
      const le = numberText(LATENCY_BOUNDS_SECONDS[i] ?? Number.POSITIVE_INFINITY);
      return { suffix: '_bucket', labels: { operation, le }, value: count };
    });
    samples.push({ suffix: '_sum', labels: { operation }, value: sumMs / 1000 });
    samples.push({ suffix: '_count', labels: { operation }, value: count });
    return samples;
  });
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: 'counter', help, samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: 'gauge', help, samples };
}
