import type { Faults } from '../faults/faults.js';
import type { Accounts } from '../store/accounts.js';
import type { Stream } from '../store/stream.js';
import type { Traffic } from '../store/traffic.js';
import type { CutReason } from '../wire/bounds.js';
import { type Metric, numberText, type Sample } from './prometheus.js';
import { LATENCY_BOUNDS_SECONDS, type RequestMetrics } from './request-metrics.js';

export interface WireFigures {
  /** Open connections, including idle ones. */
  readonly connections: number;
  /** Bytes of responses that clients have not read yet. */
  readonly unreadBytes: number;
}

export interface MetricSources {
  readonly version: string;
  readonly requests: RequestMetrics;
  readonly accounts: Accounts;
  readonly faults: Faults;
  readonly wire: WireFigures;
  readonly cuts: ReadonlyMap<CutReason, number>;
  readonly uptimeSeconds: () => number;
}

/** All metrics, with their current values. */
export function collectMetrics(sources: MetricSources, now: number): Metric[] {
  const { requests, accounts, faults, wire, cuts } = sources;
  const streams = accounts.allStreams(now);
  return [
    gauge('kload_info', 'The version of kload, as a label.', [{ labels: { version: sources.version }, value: 1 }]),
    gauge('kload_uptime_seconds', 'Time since the emulator started.', [{ value: sources.uptimeSeconds() }]),
    gauge('kload_connections', 'Open client connections.', [{ value: wire.connections }]),
    counter(
      'kload_connections_cut_total',
      'Connections cut because too many bytes of responses were unread (unread), or too many were open (too-many).',
      [...cuts].map(([reason, value]) => ({ labels: { reason }, value })),
    ),
    gauge('kload_unread_bytes', 'Bytes of responses that clients have not read yet.', [{ value: wire.unreadBytes }]),
    counter(
      'kload_requests_total',
      'Requests by operation and code: 200, the type of an error, or none if there was no response.',
      requestSamples(requests),
    ),
    {
      name: 'kload_request_duration_seconds',
      type: 'histogram',
      help: 'Time from the arrival of the whole request until its response was ready.',
      samples: latencySamples(requests),
    },
    ...streamMetrics(streams),
    counter(
      'kload_faults_total',
      'Requests and records hit by injected faults.',
      [...faults.hitsByName].map(([fault, value]) => ({ labels: { fault }, value })),
    ),
    gauge('kload_faults_active', 'Faults that are set, also those that are over.', [{ value: faults.all.length }]),
    gauge('kload_records_memory_bytes', 'Memory used for records.', [{ value: accounts.memory.bytes }]),
    gauge('kload_records_memory_max_bytes', 'Limit on the memory used for records.', [
      { value: accounts.memory.bytesMax },
    ]),
    counter(
      'kload_records_evicted_total',
      'Records removed before their retention ended, because of the memory limit.',
      [{ value: accounts.memory.droppedRecords }],
    ),
    gauge('process_resident_memory_bytes', 'Resident memory of the process.', [{ value: process.memoryUsage.rss() }]),
  ];
}

function streamMetrics(streams: readonly Stream[]): Metric[] {
  const by = (figure: (stream: Stream) => number): Sample[] =>
    streams.map((stream) => ({ labels: labelsOf(stream), value: figure(stream) }));
  const traffic = (figure: keyof Traffic) => by((stream) => stream.traffic[figure]);
  return [
    gauge('kload_streams', 'Streams in any state.', [{ value: streams.length }]),
    gauge(
      'kload_stream_open_shards',
      'Open shards.',
      by(({ openShards }) => openShards.length),
    ),
    gauge(
      'kload_stream_shards',
      'Shards, including closed ones that still hold records.',
      by(({ shards }) => shards.length),
    ),
    counter('kload_stream_records_in_total', 'Records stored.', traffic('recordsIn')),
    counter('kload_stream_bytes_in_total', 'Bytes of data and keys stored.', traffic('bytesIn')),
    counter('kload_stream_records_out_total', 'Records read.', traffic('recordsOut')),
    counter('kload_stream_bytes_out_total', 'Bytes of data and keys read.', traffic('bytesOut')),
    counter('kload_stream_throttled_records_total', 'Records refused by a shard limit.', traffic('writesThrottled')),
    counter('kload_stream_throttled_reads_total', 'Reads refused by a shard limit.', traffic('readsThrottled')),
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
