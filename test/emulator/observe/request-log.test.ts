import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import type { EmulatorOptions, LogOptions } from '../../../src/emulator/index.js';
import { NOW, SIGNER, signed } from '../signing.js';
import { call, clientOf, emulatorFor, send, TestClock } from '../support.js';

const StreamName = 'orders';

async function logged(log: Omit<LogOptions, 'write'>, options: EmulatorOptions = {}) {
  const lines: string[] = [];
  const streams = [{ name: StreamName, shards: 1 }];
  const emulator = await emulatorFor({
    streams,
    now: new TestClock().now,
    log: { ...log, write: (line) => lines.push(line) },
    ...options,
  });
  const put = (Data = 'x') =>
    clientOf(emulator).send(new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from(Data) }));
  return { lines, emulator, put };
}

const TIME = '2025-10-09T08:53:20\\.000Z';

describe('the log', () => {
  test('has a line for each request: time, operation, stream, status and duration', async () => {
    const { lines, put, emulator } = await logged({ level: 'info' });
    await put();
    await call(emulator, 'ListStreams', {});
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^${TIME} PutRecord orders 200 [\\d.]+ms$`)),
      expect.stringMatching(new RegExp(`^${TIME} ListStreams 200 [\\d.]+ms$`)),
    ]);
  });

  test('says why a request was refused', async () => {
    const { lines, emulator } = await logged({ level: 'info' });
    await call(emulator, 'DescribeStreamSummary', { StreamName: 'none' });
    await call(emulator, 'PutRecord', '{');
    expect(lines[0]).toMatch(
      /DescribeStreamSummary none 400 \S+ms ResourceNotFoundException: Stream none under account/,
    );
    expect(lines[1]).toMatch(/PutRecord 400 \S+ms SerializationException: /);
  });

  test('has a line for a request whose body was too large', async () => {
    const { lines, emulator } = await logged({ level: 'info' });
    const { status, body } = await call(emulator, 'PutRecords', ' '.repeat(17 * 1024 * 1024));
    const error = { __type: 'RequestEntityTooLargeException', message: 'Request exceeds the maximum size' };
    expect({ status, body: JSON.parse(body) }).toEqual({ status: 413, body: error });
    expect(lines).toEqual([
      expect.stringMatching(/PutRecords 413 \S+ms RequestEntityTooLargeException: Request exceeds the maximum size$/),
    ]);
    const metrics = await (await fetch(`${emulator.endpoint}/_kload/metrics`)).text();
    expect(metrics).toContain('{operation="PutRecords",code="RequestEntityTooLargeException"} 1\n');
  });

  test('has no line for a request to /_kload/ whose body was too large', async () => {
    const { lines, emulator } = await logged({ level: 'info' });
    const response = await send(emulator, { path: '/_kload/faults', body: ' '.repeat(17 * 1024 * 1024) });
    expect(response).toMatchObject({ status: 413, body: '{"error":"Request exceeds the maximum size"}' });
    expect(lines).toEqual([]);
    const metrics = await (await fetch(`${emulator.endpoint}/_kload/metrics`)).text();
    expect(metrics).not.toContain('kload_requests_total');
  });

  test('does not let a client forge lines', async () => {
    const { lines, emulator } = await logged({ level: 'info' });
    await call(emulator, 'PutRecord', { StreamName: 'a\n2026 PutRecord forged 200', PartitionKey: 'k', Data: '' });
    await send(emulator, { path: '/x%0ay', method: 'GET' });
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).not.toMatch(/\n/);
  });

  test.each(['text', 'json'] as const)('escapes terminal control sequences, as %s', async (format) => {
    const { lines, emulator } = await logged({ level: 'info', format });
    const StreamName = 'a\u001b]0;title\u0007\u009b2J\u202e';
    await call(emulator, 'DescribeStreamSummary', { StreamName });
    expect(lines).toHaveLength(1);
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(lines[0]).toContain('a\\u001b]0;title\\u0007\\u009b2J\\u202e');
    if (format === 'json') expect(JSON.parse(lines[0] ?? '')).toMatchObject({ stream: StreamName });
  });

  test.each(['text', 'json'] as const)('has no session token, as %s', async (format) => {
    const signer = { ...SIGNER, sessionToken: 'SECRET/token+==' };
    const { lines, emulator } = await logged({ level: 'debug', format }, { verifySignatures: signer, now: () => NOW });
    const target = { 'x-amz-target': 'Kinesis_20131202.ListStreams' };
    for (const inUrl of [false, true]) {
      for (const unsigned of [{ headers: target }, {}]) {
        // Its body is not the signed one: the response tells the client what should have been signed.
        const { url, headers } = await signed(unsigned, { signer, inUrl });
        const all = { ...(headers as Record<string, string>), ...(inUrl && { authorization: undefined }) };
        const { body } = await send(emulator, { path: url, headers: all, body: '{ }' });
        if ('x-amz-target' in headers) expect(decodeURIComponent(body)).toContain(signer.sessionToken);
      }
    }
    await send(emulator, { method: 'GET', path: `/?X-Amz-Security-Token=SECRET` });
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line).not.toContain('SECRET');
    expect(lines[4]).toContain('GET /');
  });

  test('says that a request got no response', async () => {
    const { lines, put } = await logged({ level: 'info' }, { faults: ['drop-connection'] });
    await expect(put()).rejects.toThrow();
    expect(lines[0]).toMatch(/PutRecord orders no response/);
  });

  test('in JSON has the same parts, and the request id', async () => {
    const { lines, emulator } = await logged({ level: 'debug', format: 'json' });
    const { headers } = await call(emulator, 'DescribeStreamSummary', { StreamName: 'none' });
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: '2025-10-09T08:53:20.000Z',
      level: 'info',
      operation: 'DescribeStreamSummary',
      stream: 'none',
      status: 400,
      ms: expect.any(Number),
      error: 'ResourceNotFoundException',
      message: 'Stream none under account 000000000000 not found.',
      requestId: headers['x-amzn-requestid'],
    });
  });

  test('sums up many requests of the same kind at info, but not at debug', async () => {
    const info = await logged({ level: 'info' });
    const debug = await logged({ level: 'debug' });
    for (const { put, emulator } of [info, debug]) {
      for (let i = 0; i < 30; i++) await put();
      await emulator.close();
    }
    expect(debug.lines).toHaveLength(30);
    // The second may end between two requests.
    const more = info.lines.map((line) => Number(/PutRecord 200 and (\d+) more within a second$/.exec(line)?.[1] ?? 1));
    expect(more.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(info.lines.length).toBeLessThan(30);
  });

  test('at error has only responses with 5xx, and nothing when it is off', async () => {
    for (const [level, count] of [
      ['error', 1],
      ['off', 0],
    ] as const) {
      const { lines, emulator } = await logged({ level }, { faults: ['unavailable-error:count=1'] });
      for (let i = 0; i < 3; i++) await call(emulator, 'ListStreams', {});
      await call(emulator, 'DescribeStreamSummary', { StreamName: 'none' });
      expect(lines).toHaveLength(count);
    }
  });
});
