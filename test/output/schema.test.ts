import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { configOf } from '../../src/config/run-config.js';
import { planRun } from '../../src/config/run-plan.js';
import type { Report } from '../../src/core/report.js';
import { type RunOptions, run } from '../../src/index.js';
import { buildReport } from '../../src/report/build.js';
import { FACTS, totalsOfTwoWorkers } from '../report/reports.js';
import { folder, startEmulator } from '../support/kload.js';

const schema = JSON.parse(readFileSync(new URL('../../report.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);

/** What the schema finds wrong with a report as it is written. */
function problemsOf(report: unknown): string[] {
  validate(JSON.parse(JSON.stringify(report)));
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${instancePath} ${message} ${JSON.stringify(params)}`;
  });
}

async function problemsOfRun(options: RunOptions): Promise<string[]> {
  return problemsOf(await run(options));
}

describe('the published schema fits the report of a run', () => {
  it('that made its records, for the embedded emulator, with throttling', async () => {
    const report = await run({ rps: 50_000, count: 2500, shards: 1 });
    expect(report.throttled.records).toBeGreaterThan(0);
    expect(report.capacity).not.toBeNull();
    expect(problemsOf(report)).toEqual([]);
  });

  it('that read files, some of whose records were rejected', async () => {
    using dir = folder();
    writeFileSync(dir.path('a.csv'), 'body;ts;id\na;2026-01-02T03:04:05Z;1\nb;then;2\nc;2026-01-02T03:04:04Z;3\n');
    writeFileSync(dir.path('b.ndjson'), '{"body":"a","ts":1767323045,"id":"1"}\n');
    const report = await run({
      ...{ files: [dir.path('a.csv'), dir.path('b.ndjson')], target: 'null', onBadRecord: 'skip', from: '+0s' },
      ...{ dataField: 'body', timestampField: 'ts', partitionKeyField: 'id', deadLetter: dir.path('dead.ndjson') },
    });
    expect(report.records).toMatchObject({ read: 3, rejected: 1 });
    expect(report.input.files[0]).toMatchObject({
      ...{
        format: 'csv',
        header: true,
        delimiter: ';',
        data: "column 'body'",
        time: "column 'ts'",
        key: "column 'id'",
      },
      firstTimestamp: '2026-01-02T03:04:04.000Z',
      lastTimestamp: '2026-01-02T03:04:05.000Z',
    });
    expect(report.config).toMatchObject({ input: { from: '+0ms', to: null }, target: { kind: 'null' } });
    expect(problemsOf(report)).toEqual([]);
  });

  it('that replayed a recording', async () => {
    using dir = folder();
    const rows = Array.from({ length: 200 }, (_, i) => `${i},2026-01-02T03:04:05.${String(i).padStart(3, '0')}Z\n`);
    writeFileSync(dir.path('a.csv'), `body,ts\n${rows.join('')}`);
    const options = { respectTiming: true, speed: 2, maxGap: '1s', reorderWindow: '1s', target: 'null' } as const;
    expect(await problemsOfRun({ ...options, files: dir.path('a.csv') })).toEqual([]);
  });

  it('that was interrupted, and of one that goes on from there', { tags: 'long' }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 'orders:2');
    writeFileSync(dir.path('a.ndjson'), '{"a":1}\n'.repeat(2000));
    const controller = new AbortController();
    const options = {
      ...{ files: dir.path('a.ndjson'), stream: 'orders', region: 'us-east-1', endpointUrl: emulator.endpoint },
      checkpoint: dir.path('run.ckpt'),
    };
    const interrupted = await run({
      ...{ ...options, rps: 500, signal: controller.signal },
      onProgress: ({ records }) => records.sent > 0 && controller.abort(),
    });
    expect(interrupted.outcome.exitCode).toBe(130);
    expect(problemsOf(interrupted)).toEqual([]);
    const resumed = await run({ ...options, resume: true });
    expect(resumed).toMatchObject({ outcome: { exitCode: 0 }, checkpoint: { finished: true }, resumed: { legs: 1 } });
    expect(problemsOf(resumed)).toEqual([]);
  });

  it('that could not read its input', async () => {
    using dir = folder();
    writeFileSync(dir.path('a.ndjson'), '{"a":1}\n{"b":2}\n');
    const report = await run({ files: dir.path('a.ndjson'), dataField: '.a', target: 'null' });
    expect(report.outcome.exitCode).toBe(3);
    expect(problemsOf(report)).toEqual([]);
  });

  it.each([
    { target: 'null' },
    { rps: '10' },
    { stream: 's', region: 'eu-west-1' },
    { streamArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders', profile: 'p' },
    { brokers: 'b:9092', topic: 't' },
    { brokers: 'b:9092', topic: 't', tlsCa: 'ca.pem', sasl: 'scram-sha-512', saslUsername: 'u' },
    { brokers: 'b:9092', topic: 't', tls: true, sasl: 'oauthbearer', saslTokenFile: 'token' },
    { brokers: 'b:9092', topic: 't', tls: true, sasl: 'aws-msk-iam', region: 'us-east-1' },
  ])('whatever its target: %j', (given) => {
    const config = configOf(planRun(given, [], { KLOAD_SASL_PASSWORD: 'hunter2' }, 2), false);
    expect(problemsOf(buildReport({ ...FACTS, config }, totalsOfTwoWorkers()))).toEqual([]);
    expect(JSON.stringify(config)).not.toContain('hunter2');
  });
});

describe('the schema refuses a report', () => {
  let report: Report;
  beforeAll(() => {
    report = buildReport(FACTS, totalsOfTwoWorkers());
    expect(problemsOf(report)).toEqual([]);
  });

  it('that lacks any of its fields', () => {
    for (const name of Object.keys(report)) {
      expect(problemsOf({ ...report, [name]: undefined }), name).not.toEqual([]);
    }
  });

  it('with a field that it does not know, wherever that is', () => {
    const extra = { unheardOf: 1 };
    for (const changed of [
      { ...report, ...extra },
      { ...report, config: { ...report.config, ...extra } },
      { ...report, records: { ...report.records, ...extra } },
      { ...report, intervals: [{ ...report.intervals[0], ...extra }] },
      { ...report, input: { ...report.input, files: [{ ...report.input.files[0], ...extra }] } },
    ]) {
      expect(problemsOf(changed).join()).toContain('unheardOf');
    }
  });
});
