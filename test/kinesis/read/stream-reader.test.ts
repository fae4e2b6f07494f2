import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { LOCAL_CREDENTIALS } from '../../../src/kinesis/client/client.js';
import { StreamReader } from '../../../src/kinesis/read/stream-reader.js';

test('an emulator that registers consumers but pushes nothing to them has no enhanced fan-out', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end('{"__type":"UnknownOperationException"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = new StreamReader({
    region: 'us-east-1',
    profile: undefined,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stream: { StreamName: 's' },
    requestTimeoutMs: 5000,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    ca: undefined,
    usesProxies: false,
    credentials: LOCAL_CREDENTIALS,
  });
  onTestFinished(() => {
    reader.close();
    server.close();
  });
  const signal = new AbortController().signal;
  const refusal = await reader
    .subscribe('shardId-000000000000', { type: 'LATEST' }, 'arn:consumer', signal)
    .catch((error: unknown) => error);
  expect(reader.explain(refusal)).toMatchObject({
    name: 'KloadError',
    exit: 'target',
    message: expect.stringMatching(/ has no enhanced fan-out: UnknownOperationException$/),
    hint: expect.stringContaining('leave out --fan-out'),
  });
});
