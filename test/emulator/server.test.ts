import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { ownAddress } from '../support/address.js';
import { call, emulatorFor, send } from './support.js';

describe('a response', () => {
  test('has the headers of the service', async () => {
    const { status, headers, body } = await call(await emulatorFor(), 'ListStreams', {});
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-amz-id-2': expect.any(String),
      date: expect.any(String),
    });
    expect(JSON.parse(body)).toEqual({ StreamNames: [], HasMoreStreams: false, StreamSummaries: [] });
  });

  test('of an operation without output is empty', async () => {
    const response = await call(await emulatorFor(), 'CreateStream', { StreamName: 's', ShardCount: 1 });
    const headers = { 'content-type': 'application/x-amz-json-1.1' };
    expect(response).toMatchObject({ status: 200, body: '', headers });
  });

  test('to a health check needs no signature', async () => {
    const headers = { authorization: undefined };
    const response = await send(await emulatorFor(), { method: 'GET', path: '/_kload/health', headers });
    expect(response).toMatchObject({ status: 200, body: expect.stringContaining('"status":"ok"') });
  });
});

describe('a request', () => {
  test('that is larger than any valid one is refused, and the next one succeeds', async () => {
    const emulator = await emulatorFor();
    expect((await call(emulator, 'PutRecords', ' '.repeat(17 * 1024 * 1024))).status).toBe(413);
    expect((await call(emulator, 'ListStreams', {})).status).toBe(200);
  });

  test('with a random body gets a response', async () => {
    const emulator = await emulatorFor();
    for (let i = 0; i < 50; i++) {
      expect((await call(emulator, 'PutRecords', randomBytes(i).toString('latin1'))).status).toBe(400);
    }
  });
});

describe('an emulator', () => {
  test('reports that its port is in use', async () => {
    const { port } = await emulatorFor();
    await expect(startEmulator({ port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: `port ${port} of 127.0.0.1 is already in use`,
    });
  });

  test('does not start with an invalid stream', async () => {
    await expect(startEmulator({ streams: [{ name: 'a b', shards: 1 }] })).rejects.toThrow(/streamName/);
    await expect(startEmulator({ streams: [{ name: 's', shards: 0 }] })).rejects.toThrow(/shardCount/);
  });

  test('ends its connections when it is closed, and can be closed twice', async () => {
    const host = ownAddress();
    const emulator = await startEmulator({ host });
    const socket = connect(emulator.port, host);
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    socket.resume();
    await Promise.all([emulator.close(), emulator.close(), ended]);
    await expect(call(emulator, 'ListStreams', {})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('listens at its endpoint, and closes at the end of its scope', async () => {
    let port = 0;
    {
      await using emulator = await startEmulator();
      port = emulator.port;
      expect(emulator.endpoint).toBe(`http://127.0.0.1:${port}`);
    }
    await using again = await startEmulator({ port });
    expect(again.port).toBe(port);
  });
});
