import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createKinesisClient, type KinesisConnection } from '../../../src/kinesis/client/client.js';
import { failureOf } from '../../../src/kinesis/errors/failures.js';
import { KinesisTarget } from '../../../src/kinesis/target.js';
import { ownAddress } from '../../support/address.js';
import {
  BATCH,
  BODY,
  connectionTo,
  oddServer,
  type ReceivedRequest,
  responseOf,
  WHOLE,
} from '../support/odd-server.js';

function targetAt(endpoint: string, more: Partial<KinesisConnection> = {}): KinesisTarget {
  const target = new KinesisTarget(connectionTo(endpoint, more), 'json');
  onTestFinished(() => target.close());
  return target;
}

async function sendTo(endpoint: string, more: Partial<KinesisConnection> = {}) {
  return targetAt(endpoint, more).send(BATCH, () => {});
}

/** Writes one byte per turn of the event loop, so that each arrives alone. */
function inPieces(text: string): (request: ReceivedRequest) => void {
  return ({ socket }) => {
    let at = 0;
    const next = () => {
      if (at === text.length || socket.destroyed) return;
      socket.write(text[at++]!, 'latin1', () => setImmediate(next));
    };
    next();
  };
}

const write =
  (text: string) =>
  ({ socket }: ReceivedRequest) => {
    socket.write(text, 'latin1');
  };
const writeAndEnd =
  (text: string) =>
  ({ socket }: ReceivedRequest) => {
    socket.end(text, 'latin1');
  };

const CHUNKED = [
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
  `1;some=extension\r\n{\r\n${(BODY.length - 1).toString(16)}\r\n${BODY.slice(1)}\r\n0\r\ntrailer: t\r\n\r\n`,
].join('');

describe('a response', () => {
  it.each([
    ['whole', write(WHOLE)],
    ['byte by byte', inPieces(WHOLE)],
    ['in chunks', write(CHUNKED)],
    ['in chunks, byte by byte', inPieces(CHUNKED)],
    ['after 100 Continue', write(`HTTP/1.1 100 Continue\r\n\r\n${WHOLE}`)],
    ['after early hints', inPieces(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${WHOLE}`)],
    ['of HTTP/1.0, which ends with the connection', writeAndEnd(`HTTP/1.0 200 OK\r\n\r\n${BODY}`)],
    ['without a length, which ends with the connection', writeAndEnd(`HTTP/1.1 200 OK\r\n\r\n${BODY}`)],
    ['with lines that end in a line feed alone', write(WHOLE.replaceAll('\r\n', '\n'))],
    ['followed by another in one packet', write(WHOLE + WHOLE)],
    [
      'before the connection is reset',
      ({ socket }: ReceivedRequest) => socket.write(WHOLE, () => socket.resetAndDestroy()),
    ],
  ])('%s is read', async (_, respond) => {
    await using server = await oddServer(respond);
    const { refusal, shardIds, failures } = await sendTo(server.endpoint);
    expect({ refusal, shardIds, failures }).toEqual({
      refusal: undefined,
      shardIds: ['shardId-000000000001'],
      failures: [],
    });
  });

  it.each([
    ['that never comes', () => {}, 'ETIMEDOUT'],
    ['that the server replaces by closing the connection', ({ socket }: ReceivedRequest) => socket.end(), 'ECONNRESET'],
    [
      'that the server replaces by resetting the connection',
      ({ socket }: ReceivedRequest) => socket.resetAndDestroy(),
      'ECONNRESET',
    ],
    ['that ends within its head', writeAndEnd('HTTP/1.1 200 OK\r\ncontent-le'), 'ECONNRESET'],
    ['that ends before its body', writeAndEnd('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'), 'ECONNRESET'],
    ['that ends within its body', writeAndEnd(WHOLE.slice(0, -1)), 'ECONNRESET'],
    ['that ends within a chunk', writeAndEnd(CHUNKED.slice(0, -20)), 'ECONNRESET'],
    ['that stops within its body', write(WHOLE.slice(0, -1)), 'ETIMEDOUT'],
    ['that is only announced', write('HTTP/1.1 100 Continue\r\n\r\n'), 'ETIMEDOUT'],
    ['that is not HTTP', write('SSH-2.0-OpenSSH_9.6\r\n\r\n'), 'EBADRESPONSE'],
    ['with a length and chunks', write(CHUNKED.replace('\r\n', '\r\ncontent-length: 5\r\n')), 'EBADRESPONSE'],
    ['with two lengths', write(responseOf(BODY, '200 OK', 'Content-Length: 3')), 'EBADRESPONSE'],
    ['with a malformed chunk size', write(CHUNKED.replace('1;', 'x;')), 'EBADRESPONSE'],
    ['with a chunk that is longer than its size', write(CHUNKED.replace('{\r\n', '{{\r\n')), 'EBADRESPONSE'],
    ['of gigabytes', write('HTTP/1.1 200 OK\r\ncontent-length: 5000000000\r\n\r\n'), 'EBADRESPONSE'],
    ['with a head that never ends', write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`), 'EBADRESPONSE'],
    ['that switches protocols', write('HTTP/1.1 101 Switching Protocols\r\n\r\n'), 'EBADRESPONSE'],
  ])('%s counts as lost', async (_, respond, code) => {
    await using server = await oddServer(respond);
    const { refusal } = await sendTo(server.endpoint, { requestTimeoutMs: code === 'ETIMEDOUT' ? 300 : 5_000 });
    expect(refusal).toMatchObject({ kind: 'unreachable', code });
    // The service may have applied the request, so the target must not repeat it.
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['too few results', '{"Records":[]}', 'the response has 0 results for 1 records'],
    [
      'an empty result',
      '{"FailedRecordCount":0,"Records":[{}]}',
      'result 1 has neither a sequence number and a shard nor an error code: {"FailedRecordCount":0,"Records":[{}]}',
    ],
    [
      'a wrong count',
      BODY.replace('0', '1'),
      `FailedRecordCount is 1, but 0 results have an error code: ${BODY.replace('0', '1')}`,
    ],
  ])('with %s is not believed, and leaves doubt', async (_, body, message) => {
    await using server = await oddServer(write(responseOf(body)));
    const wanted = { kind: 'retriable', code: 'UnreadableResponse', message, mayBeStored: true };
    expect((await sendTo(server.endpoint)).refusal).toEqual(wanted);
  });
});

describe('a connection', () => {
  it('is reused, and each request is reported as offered once', async () => {
    await using server = await oddServer(write(WHOLE));
    const target = targetAt(server.endpoint);
    const offered: number[] = [];
    for (let n = 0; n < 5; n++) {
      const { refusal, offeredAtMs, endedAtMs } = await target.send(BATCH, (atMs) => offered.push(atMs));
      expect(refusal).toBeUndefined();
      expect(offered).toHaveLength(n + 1);
      expect(offered.at(-1)).toBe(offeredAtMs);
      expect(endedAtMs).toBeGreaterThanOrEqual(offeredAtMs);
    }
    expect(server.connections).toHaveLength(1);
  });

  it('is opened for each request that is in flight', async () => {
    const waiting: ReceivedRequest[] = [];
    await using server = await oddServer((request) => {
      waiting.push(request);
      if (waiting.length === 3) for (const { socket } of waiting) socket.write(WHOLE);
    });
    const target = targetAt(server.endpoint);
    const results = await Promise.all([1, 2, 3].map(() => target.send(BATCH, () => {})));
    expect(results.map(({ refusal }) => refusal)).toEqual([undefined, undefined, undefined]);
    expect(server.connections).toHaveLength(3);
  });

  it.each([
    ['announces that it will close it', write(responseOf(BODY, '200 OK', 'Connection: close'))],
    ['keeps it for one second only', write(responseOf(BODY, '200 OK', 'Keep-Alive: timeout=1'))],
    ['speaks HTTP/1.0', write(WHOLE.replace('HTTP/1.1', 'HTTP/1.0'))],
    ['writes more than one response', write(WHOLE + WHOLE)],
    ['ends the response by closing it', writeAndEnd(`HTTP/1.1 200 OK\r\n\r\n${BODY}`)],
  ])('is not reused if the server %s', async (_, respond) => {
    await using server = await oddServer(respond);
    const target = targetAt(server.endpoint);
    for (let n = 1; n <= 3; n++) {
      expect((await target.send(BATCH, () => {})).refusal).toBeUndefined();
      expect(server.connections).toHaveLength(n);
    }
  });

  it.each([
    ['closed', (server: { connections: { end(): void }[] }) => server.connections.at(-1)!.end()],
    ['reset', (server: { connections: { resetAndDestroy(): void }[] }) => server.connections.at(-1)!.resetAndDestroy()],
  ])('that the server %s while it was idle loses no response', async (_, close) => {
    await using server = await oddServer(write(WHOLE));
    const target = targetAt(server.endpoint);
    for (let n = 1; n <= 10; n++) {
      let offered = 0;
      const { refusal } = await target.send(BATCH, () => offered++);
      expect({ refusal, offered }).toEqual({ refusal: undefined, offered: 1 });
      const closed = once(server.connections.at(-1)!, 'close');
      close(server);
      await closed;
    }
    expect(server.requests).toHaveLength(10);
  });

  it('that is refused leaves its request not offered', async () => {
    const server = createServer().listen(0, ownAddress());
    await once(server, 'listening');
    const { address, port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    let offered = 0;
    const { refusal } = await targetAt(`http://${address}:${port}`).send(BATCH, () => offered++);
    expect({ refusal, offered }).toMatchObject({ refusal: { kind: 'unreachable', code: 'ECONNREFUSED' }, offered: 0 });
    expect((await sendTo('http://nowhere.invalid')).refusal).toMatchObject({ kind: 'unreachable' });
  });

  it('can go to a host name and over IPv6', async () => {
    await using v4 = await oddServer(write(WHOLE));
    expect((await sendTo(v4.endpoint.replace('127.0.0.1', 'localhost'))).refusal).toBeUndefined();
    const hasV6 = await new Promise((resolve) => {
      const probe = createServer().on('error', () => resolve(false));
      probe.listen(0, '::1', () => probe.close(() => resolve(true)));
    });
    if (!hasV6) return;
    await using v6 = await oddServer(write(WHOLE), '::1');
    expect((await sendTo(v6.endpoint)).refusal).toBeUndefined();
    expect(v6.requests[0]!.headers.get('host')).toBe(new URL(v6.endpoint).host);
  });

  it('that kload closes fails its request', async () => {
    await using server = await oddServer(() => target.close());
    const target = targetAt(server.endpoint);
    expect((await target.send(BATCH, () => {})).refusal).toMatchObject({ kind: 'unreachable', code: 'ECONNRESET' });
  });
});

describe('an error of the service', () => {
  const html = '<html>Bad gateway</html>';
  it.each([
    ['400 Bad Request', '{"__type":"ResourceNotFoundException","message":"Stream s under account 1 not found."}', []],
    ['400 Bad Request', '{"__type":"com.amazonaws.kinesis#LimitExceededException:http://x","Message":"slow"}', []],
    ['400 Bad Request', '{"__type":"ProvisionedThroughputExceededException"}', []],
    ['400 Bad Request', '{"code":"ValidationException","message":"no"}', []],
    ['400 Bad Request', '{"message":"who?"}', ['x-amzn-ErrorType: UnrecognizedClientException:http://x']],
    ['400 Bad Request', '{"__type":"KMSThrottlingException","message":"m"}', []],
    ['403 Forbidden', '{"__type":"ExpiredTokenException","message":"The security token is expired"}', []],
    ['500 Internal Server Error', '{"__type":"InternalFailure"}', []],
    ['503 Service Unavailable', '', []],
    ['504 Gateway Timeout', '{"message":"Endpoint request timed out"}', []],
    ['429 Too Many Requests', '{"message":"Too Many Requests"}', []],
    ['408 Request Timeout', '{"message":"m"}', []],
    ['400 Bad Request', '{"message":"m"}', []],
    ['400 Bad Request', '', []],
    ['502 Bad Gateway', html, []],
    ['404 Not Found', html, []],
    ['200 OK', html, []],
    ['302 Found', '', ['location: http://127.0.0.1:1/']],
  ])('%s %s has the same meaning as in the SDK', async (status, body, headers) => {
    await using server = await oddServer(write(responseOf(body, status, ...headers)));
    const sdk = createKinesisClient(connectionTo(server.endpoint), 1);
    onTestFinished(() => sdk.destroy());
    const command = new PutRecordsCommand({
      StreamName: 's',
      Records: [{ Data: Buffer.from('data'), PartitionKey: 'key' }],
    });
    const wanted = failureOf(await sdk.send(command).catch((error: unknown) => error));
    const { refusal } = await sendTo(server.endpoint);
    expect(refusal).toMatchObject({ kind: wanted.kind, code: wanted.code });
    expect(refusal!.mayBeStored).toBe(wanted.mayBeStored);
    if (body !== html) expect(refusal!.message).toBe(wanted.message);
    else expect(refusal!.message).toContain(html);
    const [first, second] = server.requests;
    expect(JSON.parse(second!.body)).toEqual(JSON.parse(first!.body));
  });

  it('about the clock causes no second request if the service may have stored the records', async () => {
    const error = '{"__type":"InvalidSignatureException","message":"m"}';
    const date = `Date: ${new Date(Date.now() + 3_600_000).toUTCString()}`;
    await using server = await oddServer(write(responseOf(error, '500 Internal Server Error', date)));
    expect((await sendTo(server.endpoint)).refusal).toMatchObject({ mayBeStored: true });
    expect(server.requests).toHaveLength(1);
  });

  it('for single records names each record and its shard', async () => {
    const message = 'Rate exceeded for shard shardId-000000000007 in stream s under account 1.';
    const records = [{ ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: message }];
    await using server = await oddServer(write(responseOf(JSON.stringify({ FailedRecordCount: 1, Records: records }))));
    expect((await sendTo(server.endpoint)).failures).toEqual([
      {
        index: 0,
        kind: 'throttled',
        code: 'ProvisionedThroughputExceededException',
        message,
        shardId: 'shardId-000000000007',
      },
    ]);
  });
});
