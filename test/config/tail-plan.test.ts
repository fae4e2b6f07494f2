import { describe, expect, it } from 'vitest';
import { planTail, type TailPlan } from '../../src/config/tail-plan.js';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const plan = (given: Record<string, unknown> = {}, stream: string | undefined = 'orders', env = {}): TailPlan =>
  planTail('tail', stream, given, env, NOW);
const planTopic = (given: Record<string, unknown> = {}, env = {}): TailPlan =>
  planTail('tail', undefined, { topic: 'orders', brokers: 'k1', ...given }, env, NOW);

describe('the plan of a tail', () => {
  it('follows from latest by default', () => {
    expect(plan()).toMatchObject({
      source: { kind: 'kinesis', stream: { StreamName: 'orders' }, fanOut: undefined },
      from: { kind: 'latest' },
      follow: true,
      shards: [],
      format: 'text',
      targetTimeoutMs: 30_000,
    });
    expect(plan({ follow: false }).from).toEqual({ kind: 'trim-horizon' });
    expect(plan({ until: '-1s' }).from).toEqual({ kind: 'trim-horizon' });
  });

  it.each([
    ['latest', { kind: 'latest' }],
    ['TRIM_HORIZON', { kind: 'trim-horizon' }],
    ['2026-01-02T03:00:00+01:00', { kind: 'time', atMs: Date.parse('2026-01-02T02:00:00Z') }],
    ['2026-01-02T03:04:04.5Z', { kind: 'time', atMs: NOW - 500 }],
    ['-5m', { kind: 'time', atMs: NOW - 300_000 }],
    ['1h30m', { kind: 'time', atMs: NOW - 5_400_000 }],
    ['-2d', { kind: 'time', atMs: NOW - 172_800_000 }],
    ['1d12h', { kind: 'time', atMs: NOW - 129_600_000 }],
  ])('--from %s', (from, expected) => {
    expect(plan({ from }).from).toEqual(expected);
  });

  it('takes a sequence number of one shard, and shards by number or id', () => {
    expect(plan({ from: '495', shard: ['3'] })).toMatchObject({
      from: { kind: 'sequence-number', sequenceNumber: '495' },
      shards: ['shardId-000000000003'],
    });
    expect(plan({ shard: ['0', 'shardId-000000000000', 'odd_one'] }).shards).toEqual([
      'shardId-000000000000',
      'odd_one',
    ]);
  });

  it('takes an ARN, which brings its region', () => {
    const arn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders';
    expect(plan({}, arn)).toMatchObject({ source: { stream: { StreamARN: arn }, region: 'eu-west-1' } });
    expect(plan({ region: 'us-east-1' }, arn)).toMatchObject({ source: { region: 'us-east-1' } });
    expect(plan({}, 'orders', { KLOAD_REGION: 'eu-north-1' })).toMatchObject({ source: { region: 'eu-north-1' } });
  });

  it('refuses other texts as a stream', () => {
    expect(() => plan({}, 'my stream')).toThrow('STREAM takes the name of a stream: up to 128 letters');
    expect(() => plan({}, 'arn:aws:s3:::bucket')).toThrow('STREAM takes the ARN of a stream such as arn:aws:kinesis:');
  });

  it('takes the name of a consumer, or none', () => {
    expect(plan({ fanOut: 'mine' })).toMatchObject({ source: { fanOut: 'mine' } });
    expect(plan({ fanOut: true })).toMatchObject({ source: { fanOut: '' } });
  });

  it('writes ndjson to a file with that ending', () => {
    expect(plan({ output: 'a.ndjson' }).format).toBe('ndjson');
    expect(plan({ output: 'a.ndjson', format: 'raw' }).format).toBe('raw');
    expect(plan({ output: 'a.ndjson.gz' }).format).toBe('ndjson');
    expect(plan({ output: 'a.txt' }).format).toBe('text');
  });

  it('reads a topic if no stream is named', () => {
    expect(planTopic({ partition: ['1', '01', '0'] })).toMatchObject({
      source: { kind: 'kafka', topic: 'orders', brokers: ['k1:9092'] },
      shards: ['1', '0'],
    });
    expect(planTopic({ partition: ['1'], from: '17' }).from).toEqual({ kind: 'sequence-number', sequenceNumber: '17' });
    expect(planTopic({ from: 'earliest' }).from).toEqual({ kind: 'trim-horizon' });
    const env = { KLOAD_TOPIC: 'orders', KLOAD_BROKERS: 'k1,k2:9093' };
    expect(planTail('tail', undefined, {}, env, NOW)).toMatchObject({ source: { brokers: ['k1:9092', 'k2:9093'] } });
    expect(plan({}, 'other', env)).toMatchObject({ source: { kind: 'kinesis', stream: { StreamName: 'other' } } });
  });

  it('ignores variables of the other kind of source, whatever they hold', () => {
    const ofKafka = { KLOAD_TOPIC: 'a b', KLOAD_BROKERS: ':::', KLOAD_SASL: 'x', KLOAD_TLS: 'maybe' };
    expect(plan({}, 'orders', ofKafka)).toEqual(plan());
    const ofKinesis = { KLOAD_REGION: 'A B', KLOAD_PROFILE: 'p', KLOAD_ENDPOINT_URL: 'x' };
    expect(planTopic({}, ofKinesis)).toEqual(planTopic());
    const iam = { sasl: 'aws-msk-iam', tls: true };
    expect(() => planTopic(iam, ofKinesis)).toThrow('KLOAD_REGION takes the name of a region');
    expect(planTopic(iam, { KLOAD_REGION: 'eu-west-1' })).toMatchObject({ source: { sasl: { region: 'eu-west-1' } } });
  });

  it('refuses options that have no effect on what is read', () => {
    expect(() => planTopic({ shard: ['1'] })).toThrow('--shard is for a stream, but a topic is named');
    expect(() => planTopic({ fanOut: true })).toThrow('--fan-out is for a stream, but a topic is named');
    expect(() => planTopic({ region: 'us-east-1' })).toThrow('--region is for a stream, but a topic is named');
    expect(() => plan({ partition: ['1'] })).toThrow('--partition is for a topic, but a stream is named');
    expect(() => plan({ topic: 'orders', brokers: 'k1' })).toThrow('is for a topic, but a stream is named');
    expect(() => planTopic({ partition: ['x'] })).toThrow("--partition takes a partition number, not 'x'");
    expect(() => planTopic({ from: '17' })).toThrow('--from with an offset needs one --partition');
    expect(() => planTail('tail', undefined, {}, {}, NOW)).toThrow('no stream or topic to read');
  });

  it('of a recording keeps an existing file, and has a default file name', () => {
    const record = (given: Record<string, unknown>, stream?: string) => planTail('record', stream, given, {}, NOW);
    expect(record({}, 'orders')).toMatchObject({ format: 'ndjson', output: 'orders.ndjson', overwrites: false });
    const arn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders';
    expect(record({ force: true }, arn)).toMatchObject({ output: 'orders.ndjson', overwrites: true });
    expect(record({ topic: 'clicks', brokers: 'k1' })).toMatchObject({ output: 'clicks.ndjson' });
    expect(record({ output: 'x.gz' }, 'orders')).toMatchObject({ format: 'ndjson', output: 'x.gz' });
  });

  it.each([
    [{ from: 'soon' }, '--from takes latest, trim-horizon, a time with an offset'],
    [{ from: '' }, '--from takes a non-empty value'],
    [{ from: '2026-01-02T03:00:00' }, "or how long ago (-5m, -2h, -1d), not '2026-01-02T03:00:00'"],
    [{ from: '2026-01-02T03:04:06Z' }, '--from 2026-01-02T03:04:06Z is in the future'],
    [{ from: '495' }, '--from with a sequence number needs one --shard'],
    [{ from: '495', shard: ['0', '1'] }, '--from with a sequence number needs one --shard'],
    [{ from: 'latest', follow: false }, '--no-follow has nothing to read from latest'],
    [{ from: '-1m', until: '-2m' }, '--until -2m must be after --from -1m'],
    [{ region: 'us east' }, "--region takes the name of a region such as us-east-1, not 'us east'"],
    [{ until: 'tomorrow' }, '--until takes a time with an offset'],
    [{ shard: ['a b'] }, "--shard takes a shard ID (shardId-000000000003, or 3), not 'a b'"],
    [{ fanOut: 'a b' }, '--fan-out takes a consumer name'],
    [{ format: 'xml' }, "--format takes text, ndjson, raw, not 'xml'"],
    [{ count: '0' }, '--count takes a whole number of at least 1'],
  ])('refuses %j', (given, message) => {
    expect(() => plan(given)).toThrow(message);
  });
});
