import { configOf } from '../../src/config/run-config.js';
import { planRun } from '../../src/config/run-plan.js';
import { NOTHING_FOUND, type Report } from '../../src/core/report.js';
import { Recorder } from '../../src/measure/recorder.js';
import { Totals } from '../../src/measure/totals.js';
import { buildReport, type ReportFacts } from '../../src/report/build.js';
import { timed } from '../support/timed.js';

export const SHARDS = ['shardId-000000000000', 'shardId-000000000001'];

export const FACTS: ReportFacts = {
  startedAt: new Date('2026-01-02T03:04:05.678Z'),
  durationMs: 2000,
  pausedMs: 0,
  activeMs: 2000,
  outcome: { exitCode: 0, reason: null, hint: null },
  thresholds: [],
  config: configOf(planRun({ rps: '5', count: '13', stream: 'orders', region: 'us-east-1' }, [], {}, 3), false),
  target: {
    kind: 'kinesis',
    stream: 'orders',
    endpoint: 'https://kinesis.us-east-1.amazonaws.com',
    region: 'us-east-1',
    shards: 2,
    limits: true,
  },
  records: { read: 13, rejected: 2, unsent: 1 },
  input: {
    ...NOTHING_FOUND,
    files: [
      {
        file: 'traffic/2026-01-02/orders-of-the-first-week.csv',
        format: 'csv',
        header: true,
        delimiter: ';',
        data: "column '.http.request.body'",
        time: "column '.ts'",
        key: "column 'RRPair UUID of the request'",
        repeatedHeaders: 12,
        firstTimestamp: '2026-01-01T00:00:00.000Z',
        lastTimestamp: '2026-01-02T00:00:00.000Z',
      },
    ],
  },
  checkpoint: null,
  resumed: null,
  part: undefined,
  rpsTarget: 5,
  asked: { recordsPerSecond: 5, isPeak: false },
  askedIn: () => 5,
  rejectedFirst: [{ at: 'a.csv:3', reason: 'no data field' }],
  shardIds: SHARDS,
};

/** Two workers that sent 8 records in two seconds, gave 2 up and were throttled 3 times. */
export function totalsOfTwoWorkers(): Totals {
  const totals = new Totals();
  for (const workerId of [0, 1]) {
    const recorder = new Recorder(workerId);
    recorder.begin(0);
    for (let i = 0; i < 5; i++) recorder.offered(timed(i * 300), i * 300 + 5);
    for (let i = 0; i < 4; i++) recorder.sent(timed(i * 300, 100), i * 300 + 50, SHARDS[0]);
    recorder.throttled(900, SHARDS[0]);
    recorder.offeredAgain(950);
    recorder.failed(1250);
    recorder.error('InternalFailure', 2);
    recorder.request(5, 50, true, false);
    recorder.request(1205, 1250, false, true);
    totals.add(recorder.takeSnapshot(GAUGES));
  }
  const late = new Recorder(1);
  late.begin(0);
  late.throttled(1900, 'shardId-000000000007');
  late.maybeDuplicated();
  totals.add(late.takeSnapshot(GAUGES));
  return totals;
}

const GAUGES = {
  held: 0,
  requestsInFlight: 0,
  slowedShards: 0,
  waitingForKey: 0,
  refusedKeys: [],
  behindMs: 0,
  respondedAtMs: Number.NEGATIVE_INFINITY,
  noResponseSinceMs: Number.POSITIVE_INFINITY,
};

/** A report of a long, busy run that went well, changed as asked. */
export function reportOf(changes: Partial<Report> = {}): Report {
  const latency = { count: 3e6, min: 1, mean: 12, p50: 8.1, p90: 21, p95: 34, p99: 120, p999: 980, max: 65_000 };
  return {
    ...buildReport(FACTS, new Totals()),
    durationMs: 600_000,
    records: { read: 3_000_000, sent: 3_000_000, failed: 0, rejected: 0, unsent: 0, maybeDuplicated: 0, inDoubt: 0 },
    bytes: { sent: 700_000_000 },
    rps: { target: 5000, achieved: 5000 },
    requests: { ok: 123_456, failed: 0, retried: 0 },
    latencyMs: { fromIntended: latency, service: latency },
    scheduleLagMs: latency,
    rejectedFirst: [],
    ...changes,
  };
}
