import { describe, expect, it } from 'vitest';
import { planRun, type RunPlan } from '../../src/config/run-plan.js';
import { KloadError } from '../../src/core/errors.js';

type Given = Readonly<Record<string, unknown>>;

function plan(given: Given = {}, files: readonly string[] = [], env: NodeJS.ProcessEnv = {}, processors = 4): RunPlan {
  return planRun(given, files, env, processors);
}

const KAFKA = { brokers: 'kafka-1,kafka-2:9093', topic: 'orders' };

/** The error message with its hint. */
function refusal(given: Given, files: readonly string[] = [], env: NodeJS.ProcessEnv = {}): string {
  try {
    plan(given, files, env);
  } catch (error) {
    if (error instanceof KloadError && error.exit === 'usage') return `${error.message} (${error.hint})`;
    throw error;
  }
  return 'no error';
}

describe('without any option', () => {
  it('generated records go to an embedded stream without limits for ten seconds, as fast as possible', () => {
    expect(plan()).toMatchObject({
      input: { kind: 'generated', keys: 10_000, seed: 1, size: { kind: 'fixed', bytes: 200 } },
      count: undefined,
      durationMs: 10_000,
      schedule: { kind: 'as-fast-as-possible' },
      target: { kind: 'embedded', limits: false },
      batchSize: 500,
      lingerMs: 5,
      requestsInFlightMax: 32,
      maxAttempts: undefined,
      skipBadRecords: false,
      reports: [],
      dashboard: true,
      quiet: false,
    });
  });

  it.each([
    [1, 1],
    [2, 1],
    [4, 3],
    [9, 8],
    [64, 8],
  ])('%i processors make %i workers', (processors, workers) => {
    expect(plan({}, [], {}, processors).workers).toBe(workers);
  });
});

it('kload run --csv traffic.csv --rps 5000 --stream orders sends a recording to a stream', () => {
  expect(plan({ csv: ['traffic.csv'], rps: '5000', stream: 'orders' })).toMatchObject({
    input: { kind: 'files', files: ['traffic.csv'], format: 'auto', header: true, loop: false },
    schedule: { kind: 'constant-rate', rps: 5000 },
    target: { kind: 'kinesis', stream: { StreamName: 'orders' }, region: undefined, endpoint: undefined },
    durationMs: undefined,
  });
});

it.each<[Given, Record<string, string>, string]>([
  [{}, {}, 'cbor'],
  [{ stream: 's' }, {}, 'cbor'],
  [{ stream: 's' }, { AWS_CBOR_DISABLE: 'true' }, 'json'],
  [{ stream: 's' }, { AWS_CBOR_DISABLE: 'false' }, 'cbor'],
  [{ stream: 's' }, { KLOAD_WIRE: 'json' }, 'json'],
  [{ stream: 's', wire: 'cbor' }, { AWS_CBOR_DISABLE: '1', KLOAD_WIRE: 'json' }, 'cbor'],
  [{ wire: 'json' }, {}, 'json'],
])('%j %j sends %s', (given, env, wire) => {
  expect(plan(given, [], env).target).toMatchObject({ wire });
});

it('kload run --csv traffic.csv --respect-timing --speed 2 sends with the recorded timing', () => {
  const { schedule } = plan({ csv: ['traffic.csv'], respectTiming: true, speed: '2' });
  expect(schedule).toEqual({ kind: 'recorded', speed: 2, gapMaxMs: undefined });
  expect(plan({ respectTiming: true, reorderWindow: '5s' }, ['a.csv']).input).toMatchObject({ reorderWindowMs: 5000 });
  expect(plan({ respectTiming: true, maxGap: '5s' }, ['a.csv']).schedule).toMatchObject({ gapMaxMs: 5000 });
  expect(plan({ respectTiming: true }, ['a.csv']).schedule).toMatchObject({ kind: 'recorded', speed: 1 });
});

it('reads files named with or without --csv, with the given fields', () => {
  const given = {
    csv: ['c'],
    dataField: 'body',
    timestampField: 'ts',
    partitionKeyField: '3',
    header: false,
    loop: true,
  };
  expect(plan(given, ['a', 'b']).input).toMatchObject({
    files: ['a', 'b', 'c'],
    dataField: 'body',
    timestampField: 'ts',
    partitionKeyField: '3',
    header: false,
    loop: true,
  });
});

it('can start at a given time, in any of its forms', () => {
  const startAtMs = Date.parse('2026-01-02T03:04:05Z');
  const at = (startAt: string) => planRun({ startAt }, [], {}, 4, startAtMs - 1).startAtMs;
  expect(at('2026-01-02T05:04:05+02:00')).toBe(startAtMs);
  expect(at('1767323045')).toBe(startAtMs);
  expect(plan().startAtMs).toBeUndefined();
});

describe('a part of a recording', () => {
  const at = (ms: number) => ({ ms, sinceFirst: false });
  const since = (ms: number) => ({ ms, sinceFirst: true });
  it.each([
    [{}, undefined],
    [{ from: '2026-01-02T03:04:05.5Z' }, { from: at(1_767_323_045_500), to: undefined }],
    [{ from: '2026-01-02T05:04:05+02:00' }, { from: at(1_767_323_045_000), to: undefined }],
    [{ to: '1767323045' }, { from: undefined, to: at(1_767_323_045_000) }],
    [{ to: '1767323045123456' }, { from: undefined, to: at(1_767_323_045_123.456) }],
    [
      { from: '+1d2h', to: '+36h' },
      { from: since(93_600_000), to: since(129_600_000) },
    ],
    [
      { from: '+0', to: '2026-01-02T03:04:05Z' },
      { from: since(0), to: at(1_767_323_045_000) },
    ],
  ])('%j is %j', (given, part) => {
    expect(plan(given, ['a.csv']).input).toMatchObject({ part });
  });

  it('can be combined with a rate or the recorded timing', () => {
    expect(plan({ from: '+1s', rps: '5' }, ['a.csv'])).toMatchObject({ schedule: { kind: 'constant-rate' } });
    expect(plan({ from: '+1s', respectTiming: true }, ['a.csv'])).toMatchObject({ schedule: { kind: 'recorded' } });
  });
});

describe('a changing rate', () => {
  it('ends a run of generated records with its stages', () => {
    expect(plan({ stages: '0..5000@1m,5000..0@30s' })).toMatchObject({
      durationMs: undefined,
      schedule: { kind: 'stages', stages: [{ toRps: 5000 }, { durationMs: 30_000 }], arrival: { kind: 'even' } },
      // Half full at the peak.
      target: { kind: 'embedded', shards: 10, limits: true },
    });
    expect(plan({ bytesPerSecond: '4MiB' })).toMatchObject({
      durationMs: 10_000,
      schedule: { kind: 'bytes-per-second', bytesPerSecond: 4 * 2 ** 20 },
      target: { shards: 42, limits: true },
    });
    expect(plan({ bytesPerSecond: '4MiB', recordSize: '10kB' }).target).toMatchObject({ shards: 8 });
    expect(plan({ bytesPerSecond: '4MiB' }, ['a.csv']).target).toMatchObject({ shards: 8 });
  });

  it('can arrive at random, with the seed of the run', () => {
    expect(plan({ stages: '5@1m', arrival: 'poisson', seed: '7' }, ['a.csv']).schedule).toMatchObject({
      arrival: { kind: 'poisson', seed: 7 },
    });
    expect(plan({ seed: '7' }).input).toMatchObject({ kind: 'generated', seed: 7 });
  });

  it('can be compared with what the run achieved', () => {
    for (const rate of [{ stages: '5@1m' }, { bytesPerSecond: '1MiB' }]) {
      expect(plan({ ...rate, threshold: ['rps.deviation < 5%'] }).thresholds).toHaveLength(1);
    }
  });
});

describe('the length of a run', () => {
  it.each([
    [{}, [], 10_000],
    [{ count: '5' }, [], undefined],
    [{ duration: '1m' }, [], 60_000],
    [{ duration: '1m', count: '5' }, [], 60_000],
    [{}, ['a.csv'], undefined],
    [{ loop: true }, ['a.csv'], undefined],
    [{ duration: '1m' }, ['a.csv'], 60_000],
  ])('of %j %j is %s ms', (given, files, durationMs) => {
    expect(plan(given, files).durationMs).toBe(durationMs);
  });
});

describe('the embedded stream', () => {
  it.each([
    [{ rps: '100' }, 1, true],
    [{ rps: '500' }, 1, true],
    [{ rps: '501' }, 2, true],
    [{ rps: '5000' }, 10, true],
    // By bytes: 100 records of 100 kB are 10 MB a second.
    [{ rps: '100', recordSize: '100kB' }, 20, true],
    [{ rps: '20000000' }, 10_000, true],
    [{ rps: '5000', shards: '3' }, 3, true],
    [{ rps: '5000', limits: 'off' }, 10, false],
    [{ limits: 'on' }, 4, true],
    [{ shards: '7' }, 7, false],
  ])('of %j has %i shards, with limits: %s', (given, shards, limits) => {
    expect(plan(given).target).toMatchObject({ kind: 'embedded', shards, limits });
  });
});

describe('the region', () => {
  const streamArn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders';

  it('comes from the ARN, unless another is given', () => {
    expect(plan({ streamArn }).target).toMatchObject({ stream: { StreamARN: streamArn }, region: 'eu-west-1' });
    expect(plan({ streamArn, region: 'eu-west-2' }).target).toMatchObject({ region: 'eu-west-2' });
  });

  it('is left to the SDK for a stream name, and for an ARN without a region', () => {
    expect(plan({ stream: 'orders' }).target).toMatchObject({ region: undefined });
    expect(plan({ streamArn: 'arn:aws:kinesis::123456789012:stream/orders' }).target).toMatchObject({
      region: undefined,
    });
    expect(plan({ stream: 'orders' }, [], { KLOAD_REGION: 'eu-central-1' }).target).toMatchObject({
      region: 'eu-central-1',
    });
  });
});

it('an empty name of a file is refused', () => {
  expect(refusal({}, ['a.csv', ''])).toMatch(/^an input file has an empty name \(is a variable of the shell empty\?/);
});

it('there are never more workers than requests in flight', () => {
  expect(plan({ workers: '8', maxInFlight: '3' }).workers).toBe(3);
  expect(plan({ workers: '2', maxInFlight: '3' }).workers).toBe(2);
});

it('every other option reaches the plan', () => {
  const given = {
    partitionKey: 'k',
    onBadRecord: 'skip',
    count: '12',
    batchSize: '100',
    linger: '0',
    maxInFlight: '64',
    target: 'null',
    maxAttempts: '3',
    deadLetter: 'dead.ndjson',
    targetTimeout: '1m',
    drainTimeout: '0',
    report: ['run.json', 'run.hgrm'],
    dashboard: false,
    quiet: true,
  };
  expect(plan(given)).toMatchObject({
    partitionKey: 'k',
    skipBadRecords: true,
    count: 12,
    batchSize: 100,
    lingerMs: 0,
    requestsInFlightMax: 64,
    target: { kind: 'null' },
    maxAttempts: 3,
    deadLetter: 'dead.ndjson',
    targetTimeoutMs: 60_000,
    drainTimeoutMs: 0,
    reports: ['run.json', 'run.hgrm'],
    dashboard: false,
    quiet: true,
  });
  const where = { stream: 's', profile: 'p', endpointUrl: 'http://localhost:4566', region: 'r' };
  expect(plan(where).target).toMatchObject({ profile: 'p', endpoint: 'http://localhost:4566', region: 'r' });
});

describe('a run to Kafka', () => {
  it('is implied by a topic', () => {
    expect(plan({ ...KAFKA, respectTiming: true }, ['a.csv'])).toMatchObject({
      batchSize: 10_000,
      target: {
        kind: 'kafka',
        topic: 'orders',
        brokers: ['kafka-1:9092', 'kafka-2:9093'],
        acks: 'all',
        compression: 'none',
        idempotent: false,
        recordedTimestamps: true,
      },
    });
    const given = { ...KAFKA, acks: '0', compression: 'zstd', batchSize: '20000', headersField: 'h' };
    expect(plan(given, ['a.csv'])).toMatchObject({
      batchSize: 20_000,
      input: { headersField: 'h', unwrap: 'none' },
      target: { acks: '0', compression: 'zstd', recordedTimestamps: false },
    });
  });

  it('can have checkpoints', () => {
    expect(plan({ ...KAFKA, checkpoint: 'c' }, ['a.csv']).checkpoint).toMatchObject({ file: 'c' });
  });

  it('logs in to MSK with the credentials of a profile', () => {
    const given = { ...KAFKA, tls: true, sasl: 'aws-msk-iam', region: 'eu-west-1', profile: 'p' };
    expect(plan(given).target).toMatchObject({
      sasl: { mechanism: 'aws-msk-iam', region: 'eu-west-1', profile: 'p' },
      tls: {},
    });
  });
});

it('a flag also wins over the variable of an option that it conflicts with', () => {
  const arn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/clicks';
  const env = { KLOAD_STREAM: 'orders', KLOAD_RPS: '10' };
  const { target, schedule } = plan({ streamArn: arn, respectTiming: true }, ['in.csv'], env);
  expect(target).toMatchObject({ stream: { StreamARN: arn } });
  expect(schedule).toMatchObject({ kind: 'recorded', speed: 1 });
});

describe('a variable that has no effect on the run is ignored', () => {
  const stream = { KLOAD_STREAM: 's', KLOAD_STREAM_ARN: 'a', KLOAD_PROFILE: 'p', KLOAD_ENDPOINT_URL: 'http://h' };
  it.each<[Given, readonly string[], Record<string, string>]>([
    [
      { target: 'null' },
      [],
      { ...stream, KLOAD_REGION: 'r', KLOAD_WIRE: 'json', KLOAD_SHARDS: '3', KLOAD_LIMITS: 'on' },
    ],
    [{ target: 'embedded' }, [], stream],
    [{}, [], { KLOAD_PROFILE: 'p', KLOAD_ENDPOINT_URL: 'http://h' }],
    [{ stream: 's' }, [], { KLOAD_SHARDS: '3', KLOAD_LIMITS: 'on' }],
    [{}, ['a.csv'], { KLOAD_RECORD_SIZE: '500', KLOAD_KEYS: '5' }],
    [{}, ['a.csv'], { KLOAD_SPEED: '2', KLOAD_MAX_GAP: '1s' }],
    [{}, ['-'], { KLOAD_LOOP: '1' }],
    [{}, [], { KLOAD_FORMAT: 'csv', KLOAD_DATA_FIELD: 'f', KLOAD_TIMESTAMP_FIELD: 'f', KLOAD_LOOP: '1' }],
    [{}, [], { KLOAD_RESPECT_TIMING: '1', KLOAD_SPEED: '2' }],
    [{ partitionKey: 'k' }, [], { KLOAD_PARTITION_KEY_FIELD: 'f' }],
    [{ rps: '5' }, ['a.csv'], { KLOAD_RESPECT_TIMING: '1', KLOAD_SPEED: '2' }],
    [{ stream: 's' }, [], { KLOAD_BROKERS: 'h', KLOAD_TOPIC: 't', KLOAD_ACKS: '1', KLOAD_TLS: '1' }],
    [{}, [], { KLOAD_BROKERS: 'h', KLOAD_SASL: 'plain', KLOAD_IDEMPOTENT: '1' }],
    [KAFKA, [], { ...stream, KLOAD_REGION: 'r', KLOAD_WIRE: 'json', KLOAD_SHARDS: '3', KLOAD_SPREAD: 'even' }],
    // It is not even parsed.
    [{ csv: ['a.csv'] }, [], { KLOAD_RECORD_SIZE: 'large' }],
  ])('%j %j %j', (given, files, env) => {
    expect(plan(given, files, env)).toEqual(plan(given, files));
  });

  it('also if another variable decides that', () => {
    const env = { KLOAD_TARGET: 'null' };
    expect(plan({}, [], { ...env, ...stream })).toEqual(plan({}, [], env));
    expect(plan({}, [], { KLOAD_TARGET: '', KLOAD_SHARDS: '3' }).target).toMatchObject({ shards: 3 });
  });
});

it('a plan can come from the environment alone', () => {
  const env = { KLOAD_RPS: '10', KLOAD_STREAM: 'orders', KLOAD_COUNT: '3', KLOAD_QUIET: '1' };
  expect(plan({}, [], env)).toMatchObject({
    schedule: { kind: 'constant-rate', rps: 10 },
    target: { kind: 'kinesis' },
    count: 3,
    quiet: true,
  });
});

describe('options that contradict each other or have no effect are refused', () => {
  const arn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders';
  it.each<[Given, readonly string[], RegExp]>([
    [{ rps: '5', respectTiming: true }, ['a.csv'], /--rps and --respect-timing cannot be used together/],
    [{ stages: '5@1m', respectTiming: true }, ['a.csv'], /--respect-timing and --stages cannot be used together/],
    [{ rps: '5', stages: '5@1m' }, [], /--rps and --stages cannot be used together/],
    [{ rps: '5', bytesPerSecond: '1MiB' }, [], /--rps and --bytes-per-second cannot be used together/],
    [{ stages: '5@1m', rateFile: 'r.csv' }, [], /--stages and --rate-file cannot be used together/],
    [{ bytesPerSecond: '0' }, [], /--bytes-per-second takes a number of bytes above 0/],
    [{ stages: '5@1m, x@1m' }, [], /--stages stage 'x@1m' takes a number/],
    [{ arrival: 'poisson' }, [], /--arrival needs a target rate.*--stages/],
    [{ arrival: 'poisson', respectTiming: true }, ['a.csv'], /--arrival needs a target rate/],
    [{ seed: '5', rps: '5' }, ['a.csv'], /--seed applies only to generated records and to --arrival poisson/],
    [
      { partitionKey: 'k', partitionKeyField: 'f' },
      ['a.csv'],
      /--partition-key and --partition-key-field cannot be used together/,
    ],
    [{ stream: 's', streamArn: arn }, [], /--stream and --stream-arn cannot be used together/],
    [{ format: 'csv' }, [], /--format needs a file/],
    [{ dataField: 'f' }, [], /--data-field needs a file/],
    [{ spread: 'even', target: 'null' }, [], /--spread cannot be used with the null target/],
    [
      { spread: 'even', explicitHashKeyField: 'h' },
      ['f'],
      /--spread and --explicit-hash-key-field cannot be used together/,
    ],
    [{ spread: 'random' }, [], /--spread takes keys, even, not 'random'/],
    [{ explicitHashKeyField: 'h' }, [], /--explicit-hash-key-field needs a file/],
    [{ dataEncoding: 'base64' }, [], /--data-encoding needs a file/],
    [{ dataEncoding: 'base32' }, ['f'], /--data-encoding takes utf8, base64, hex, not 'base32'/],
    [{ timestampField: 'f' }, [], /--timestamp-field needs a file/],
    [{ partitionKeyField: 'f' }, [], /--partition-key-field needs a file/],
    [{ header: false }, [], /--no-header needs a file/],
    [{ loop: true }, [], /--loop needs a file/],
    [{ respectTiming: true }, [], /--respect-timing needs a file.*'-' for standard input/],
    [{ startAt: '2001-01-01T00:00:00Z' }, [], /--start-at is in the past: it is now 20.*Z.*later time/],
    [{ startAt: '+10s' }, [], /--start-at takes a time with an offset.*not '\+10s'/],
    [{ startAt: '10:30' }, [], /--start-at takes a time with an offset/],
    [{ maxGap: '5s' }, [], /--max-gap needs a file/],
    [{ maxGap: '5s' }, ['a.csv'], /--max-gap needs --respect-timing/],
    [{ maxGap: '5s', rps: '5' }, ['a.csv'], /--max-gap needs --respect-timing \(leave it out, or add/],
    [{ reorderWindow: '5s' }, ['a.csv'], /--reorder-window needs --respect-timing/],
    [{ reorderWindow: '0s', respectTiming: true }, ['a.csv'], /--reorder-window takes a time longer than 0/],
    [{ maxGap: '0s', respectTiming: true }, ['a.csv'], /--max-gap takes a time longer than 0/],
    [{ maxGap: '5', respectTiming: true }, ['a.csv'], /--max-gap takes a time with a unit/],
    [{ timestampFormat: 'ms' }, [], /--timestamp-format needs a file/],
    [
      { timestampFormat: 'seconds' },
      ['a.csv'],
      /--timestamp-format takes auto, rfc3339, s, ms, us, ns, rfc1123, apache, not 'seconds'/,
    ],
    [{ from: '+1s' }, [], /--from needs a file/],
    [{ to: '+1s' }, [], /--to needs a file/],
    [{ from: '10m' }, ['a.csv'], /--from takes a time with an offset.*\(\+10m\), not '10m'/],
    [{ from: '-10m' }, ['a.csv'], /--from takes a time.*not '-10m'/],
    [{ from: '2026-01-02T03:04:05' }, ['a.csv'], /--from takes a time with an offset/],
    [{ to: '+0s' }, ['a.csv'], /--to must be after the recording's first record/],
    [{ from: '+10m', to: '+600s' }, ['a.csv'], /--to must be after --from \(no records would be left\)/],
    [{ from: '1767323045', to: '2026-01-02T03:04:05Z' }, ['a.csv'], /--to must be after --from/],
    [{ recordSize: '1kB' }, ['a.csv'], /--record-size applies only to generated records/],
    [{ keys: '5' }, ['a.csv'], /--keys applies only to generated records/],
    [{ speed: '2' }, [], /--speed needs a file/],
    [{ speed: '2' }, ['a.csv'], /--speed needs --respect-timing/],
    [{ loop: true }, ['a.csv', '-'], /--loop cannot read standard input twice/],
    [{ profile: 'p' }, [], /--profile cannot be used with the embedded target/],
    [{ endpointUrl: 'http://localhost:1' }, [], /--endpoint-url cannot be used with the embedded target.*--stream/],
    [{ stream: 's', target: 'embedded' }, [], /--stream cannot be used with the embedded target/],
    [{ streamArn: arn, target: 'null' }, [], /--stream-arn cannot be used with the null target/],
    [{ region: 'eu-west-1', target: 'null' }, [], /--region cannot be used with the null target/],
    [{ wire: 'json', target: 'null' }, [], /--wire cannot be used with the null target/],
    [{ wire: 'xml' }, [], /--wire takes cbor, json, not 'xml'/],
    [{ shards: '4', target: 'null' }, [], /--shards cannot be used with the null target/],
    [{ shards: '4', stream: 's' }, [], /--shards cannot be used with the kinesis target.*name no stream/],
    [{ limits: 'on', stream: 's' }, [], /--limits cannot be used with the kinesis target/],
    [{ target: 'kinesis' }, [], /--target kinesis needs a stream.*--stream/],
    [{ target: 'elsewhere' }, [], /--target takes kinesis, kafka, embedded, null, not 'elsewhere'/],
    [{ threshold: ['shard(*).utilization < 80%'], target: 'null' }, [], /the target has no limits for a shard/],
    [{ report: ['run.json', 'run.txt'] }, [], /--report run\.txt: .*\.json, .*\.csv or \.hgrm/],
    [{ targetTimeout: '600h' }, [], /--target-timeout takes a time of at most 576h \(24 days\)/],
    [{ drainTimeout: '600h' }, [], /--drain-timeout takes a time of at most/],
    [{ linger: '600h' }, [], /--linger takes a time of at most/],
    [{ recordSize: '11MiB' }, [], /--record-size takes at most 10MiB/],
    [{ stream: 's', endpointUrl: 'http://u:p@host' }, [], /--endpoint-url takes a URL without a user and password/],
    [{ batchSize: '501' }, [], /--batch-size takes at most 500 for the embedded target, not 501/],
    [{ stream: 's', topic: 't' }, [], /--stream and --topic cannot be used together/],
    [
      { brokers: 'h' },
      [],
      /--brokers cannot be used with the embedded target \(to send to Kafka, pass --brokers and --topic/,
    ],
    [{ stream: 's', brokers: 'h' }, [], /--brokers cannot be used with the kinesis target/],
    [{ topic: 't' }, [], /Kafka needs --brokers.*--brokers host:9092/],
    [{ target: 'kafka', brokers: 'h' }, [], /--brokers needs a topic/],
    [{ ...KAFKA, endpointUrl: 'http://h' }, [], /--endpoint-url cannot be used with the kafka target/],
    [{ ...KAFKA, spread: 'even' }, [], /--spread cannot be used with the kafka target/],
    [{ ...KAFKA, explicitHashKeyField: 'h' }, ['f'], /--explicit-hash-key-field cannot be used with the kafka target/],
    [
      { ...KAFKA, wire: 'json' },
      [],
      /--wire cannot be used with the kafka target.*without another --target or --topic/,
    ],
    [{ target: 'null', brokers: 'h', topic: 't' }, [], /used with the null target.*without another --target/],
    [{ ...KAFKA, shards: '2' }, [], /--shards cannot be used with the kafka target/],
    [{ ...KAFKA, region: 'r' }, [], /--region applies to Kafka only with --sasl aws-msk-iam/],
    [
      { ...KAFKA, sasl: 'plain', saslUsername: 'u', profile: 'p' },
      [],
      /--profile applies to Kafka only with --sasl aws-msk/,
    ],
    [{ ...KAFKA, acks: '2' }, [], /--acks takes 0, 1, all, not '2'/],
    [{ ...KAFKA, compression: 'brotli' }, [], /--compression takes none, gzip, snappy, lz4, zstd, not 'brotli'/],
    [{ ...KAFKA, acks: '1', idempotent: true }, [], /--idempotent needs --acks all, not 1/],
    [{ ...KAFKA, headersField: 'h' }, [], /--headers-field needs a file/],
    [{ headersField: 'h' }, ['f'], /--headers-field cannot be used with the embedded target/],
    [{ stream: 's', acks: '1' }, [], /--acks cannot be used with the kinesis target/],
    [{ target: 'null', idempotent: true }, [], /--idempotent cannot be used with the null target/],
  ])('%j %j', (given, files, message) => {
    expect(refusal(given, files)).toMatch(message);
  });

  it('also when they come from the environment', () => {
    expect(refusal({}, ['a.csv'], { KLOAD_RPS: '5', KLOAD_RESPECT_TIMING: '1' })).toMatch(/--rps and --respect-timing/);
    const env = { KLOAD_STREAM: 's', KLOAD_ENDPOINT_URL: 'http://u:p@host' };
    expect(refusal({}, [], env)).toMatch(/KLOAD_ENDPOINT_URL takes a URL without a user and password/);
  });

  it('also a flag that has no effect because of a variable', () => {
    expect(refusal({ shards: '3' }, [], { KLOAD_STREAM: 's' })).toMatch(
      /--shards cannot be used with the kinesis target/,
    );
    expect(refusal({ stream: 's' }, [], { KLOAD_TARGET: 'null' })).toMatch(
      /--stream cannot be used with the null target/,
    );
    expect(refusal({ speed: '2' }, ['a.csv'], { KLOAD_KEYS: '5' })).toMatch(/--speed needs --respect-timing/);
  });

  it('but not a switch that is off in the environment', () => {
    expect(refusal({}, [], { KLOAD_LOOP: 'false' })).toBe('no error');
    expect(refusal({ rps: '5' }, ['a.csv'], { KLOAD_RESPECT_TIMING: '0' })).toBe('no error');
  });

  it('but not options that repeat what is the case anyway', () => {
    expect(refusal({ stream: 's', target: 'kinesis' })).toBe('no error');
    expect(refusal({ region: 'eu-west-1', shards: '2', limits: 'on', target: 'embedded' })).toBe('no error');
    expect(refusal({ speed: '1', respectTiming: true }, ['-'])).toBe('no error');
  });
});

describe('a run that can be resumed', () => {
  const given = { checkpoint: 'c', target: 'null' };

  it('keeps the options that decide which records are sent and where, as they were written', () => {
    const { checkpoint } = plan({ ...given, dataField: '.a', from: '+1m', header: false, rps: '5' }, ['a.csv'], {
      KLOAD_PARTITION_KEY_FIELD: '.b',
      KLOAD_RESUME: 'true',
      KLOAD_CHECKPOINT_INTERVAL: '250ms',
    });
    expect(checkpoint).toMatchObject({ file: 'c', intervalMs: 250, resume: true });
    expect(checkpoint!.options).toEqual({
      '--format': 'auto',
      '--data-field': '.a',
      '--data-encoding': 'utf8',
      '--unwrap': 'auto',
      '--timestamp-format': 'auto',
      '--partition-key-field': '.b',
      '--no-header': 'given',
      '--from': '+1m',
      '--spread': 'keys',
    });
    expect(plan({ ...given, dataField: undefined }, ['a.csv']).checkpoint!.options).not.toHaveProperty('--data-field');
    expect(plan({}, ['a.csv']).checkpoint).toBeUndefined();
  });

  it('keeps what generated records are made from', () => {
    const { checkpoint } = plan({ ...given, count: '5', keys: '1_000', seed: '7' }, []);
    expect(checkpoint!.options).toMatchObject({ '--key-distribution': 'uniform', '--keys': '1_000', '--seed': '7' });
    expect(plan({ ...given }, ['a.csv']).checkpoint!.options).not.toHaveProperty('--keys');
  });

  it('accepts a start time in the past', () => {
    const startAt = '2001-01-01T00:00:00Z';
    expect(plan({ ...given, startAt, resume: true }, ['a.csv']).startAtMs).toBeUndefined();
    expect(refusal({ ...given, startAt }, ['a.csv'])).toContain('--start-at is in the past');
  });

  it.each<[Given, string[], string]>([
    [{ resume: true }, ['a.csv'], '--resume needs --checkpoint'],
    [{ checkpointInterval: '2s' }, ['a.csv'], '--checkpoint-interval needs --checkpoint'],
    [{ ...given, checkpointInterval: '0s' }, ['a.csv'], '--checkpoint-interval takes a time longer than 0'],
    [{ ...given, loop: true }, ['a.csv'], '--checkpoint and --loop cannot be used together: a loop never finishes'],
    [{ ...given, duration: '1s' }, ['a.csv'], '--checkpoint and --duration cannot be used together'],
    [given, [], '--checkpoint needs --count for generated records'],
    [given, ['-'], '--checkpoint cannot read standard input twice'],
    [{ checkpoint: 'c' }, ['a.csv'], '--checkpoint needs a stream that outlives the run'],
  ])('%j with %j is refused', (options, files, message) => {
    expect(refusal(options, files)).toContain(message);
  });

  it('ignores its variables if the run cannot be resumed', () => {
    const env = { KLOAD_CHECKPOINT: 'c', KLOAD_RESUME: '1' };
    expect(plan({}, [], env).checkpoint).toBeUndefined();
    expect(plan({ target: 'null', loop: true }, ['a.csv'], env).checkpoint).toBeUndefined();
  });
});
