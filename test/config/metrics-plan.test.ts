import { describe, expect, it } from 'vitest';
import { planRun } from '../../src/config/run-plan.js';
import { KloadError } from '../../src/core/errors.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

function metrics(env: NodeJS.ProcessEnv, given: Readonly<Record<string, unknown>> = {}) {
  return planRun(given, [], env, 4).metrics;
}

function refusal(env: NodeJS.ProcessEnv, given: Readonly<Record<string, unknown>> = {}): string {
  try {
    metrics(env, given);
  } catch (error) {
    if (error instanceof KloadError && error.exit === 'usage') return error.message;
    throw error;
  }
  return 'no error';
}

describe('where metrics go', () => {
  it('is nowhere without an option or a variable', () => {
    expect(metrics({})).toBeUndefined();
    expect(metrics({ OTEL_SERVICE_NAME: 'a', OTEL_EXPORTER_OTLP_HEADERS: 'malformed' })).toBeUndefined();
  });

  it.each([
    ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:1', { host: '::1', port: 1 }],
  ])('is %s for Prometheus', (text, expected) => {
    expect(metrics({ KLOAD_METRICS_LISTEN: text }, { metricsLinger: '30s' })).toMatchObject({
      listen: { ...expected, lingerMs: 30_000 },
      otlp: undefined,
    });
  });

  it.each(['9464', ':9464', 'a b:1', 'localhost:65536', 'localhost:', '::1:80', 'http://localhost:80'])(
    'is not %s',
    (text) => {
      expect(refusal({}, { metricsListen: text })).toBe(
        `--metrics-listen takes HOST:PORT, such as 127.0.0.1:9464, not '${text}'`,
      );
    },
  );

  it.each([
    ['http://c:4318', 'http://c:4318/v1/metrics'],
    ['http://c:4318/', 'http://c:4318/v1/metrics'],
    ['https://c/otlp/', 'https://c/otlp/v1/metrics'],
    ['https://c/otlp?key=1', 'https://c/otlp/v1/metrics?key=1'],
    ['http://c/v1/metrics', 'http://c/v1/metrics'],
  ])('is below %s for a collector', (given, expected) => {
    expect(metrics({}, { otlpEndpoint: given })?.otlp?.url).toBe(expected);
    expect(metrics({ OTEL_EXPORTER_OTLP_ENDPOINT: given })?.otlp?.url).toBe(expected);
  });

  it.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ['the variable for metrics as it is', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m/x' }, 'http://m/x'],
    ['nothing when disabled', { OTEL_SDK_DISABLED: 'TRUE' }, undefined],
    ['something when not disabled', { OTEL_SDK_DISABLED: '1' }, 'http://collector:4318/v1/metrics'],
    ['nothing without an exporter', { OTEL_METRICS_EXPORTER: 'none' }, undefined],
    ['nothing by another protocol', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, undefined],
    [
      'the protocol for metrics',
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' },
      'http://collector:4318/v1/metrics',
    ],
    ['an empty variable as none', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: '' }, 'http://collector:4318/v1/metrics'],
  ])('takes %s', (_, env, expected) => {
    expect(metrics({ ...ENDPOINT, ...env })?.otlp?.url).toBe(expected);
  });

  it('is where the flag says, whatever the variables say', () => {
    const env = { ...ENDPOINT, OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(metrics(env, { otlpEndpoint: 'http://mine' })).toMatchObject({
      otlp: { url: 'http://mine/v1/metrics' },
      warning: undefined,
    });
  });

  it.each(['grpc', 'http/protobuf'])('is nowhere by %s, with a warning, even if the URL has no scheme', (protocol) => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
    expect(metrics(env)).toMatchObject({
      otlp: undefined,
      warning: expect.stringContaining(`PROTOCOL is ${protocol}`),
    });
  });
});

describe('how metrics are exported', () => {
  it('has defaults', () => {
    expect(metrics(ENDPOINT)).toMatchObject({
      otlp: { headers: {}, timeoutMs: 10_000, intervalMs: 10_000 },
      resource: {},
    });
  });

  it('is set by variables, those for metrics first', () => {
    const env = {
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20c2VjcmV0%3D%3D, x-a=1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-a=2',
      OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '400',
      OTEL_METRIC_EXPORT_INTERVAL: '60000',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,team=b%2Cc',
      OTEL_SERVICE_NAME: 'peak',
    };
    expect(metrics(env)).toMatchObject({
      otlp: { headers: { authorization: 'Basic c2VjcmV0==', 'x-a': '2' }, timeoutMs: 400, intervalMs: 60_000 },
      resource: { 'service.name': 'peak', team: 'b,c' },
    });
  });

  it.each<[NodeJS.ProcessEnv, RegExp]>([
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
      /^OTEL_EXPORTER_OTLP_ENDPOINT takes a URL such as http:\/\/localhost:4318/,
    ],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, /^OTEL_EXPORTER_OTLP_TIMEOUT takes a whole number/],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '1' }, /^OTEL_METRIC_EXPORT_INTERVAL takes a whole number from 100 to/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=1,secret' }, /^OTEL_EXPORTER_OTLP_HEADERS takes key=value.*pair 2 is not one$/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz' }, /pair 1 is not one$/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a b=1' }, /has a header with a malformed name: 'a b'$/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret%0d%0aHost:x' }, /has a malformed value for the header x-key$/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'Content-Length=1' }, /cannot set the header Content-Length$/],
    [{ OTEL_RESOURCE_ATTRIBUTES: '=1' }, /^OTEL_RESOURCE_ATTRIBUTES takes key=value/],
  ])('refuses %s, and repeats no secret', (env, message) => {
    const text = refusal({ ...ENDPOINT, ...env });
    expect(text).toMatch(message);
    expect(text).not.toContain('secret');
  });
});
