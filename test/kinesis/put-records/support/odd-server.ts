import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { KinesisConnection } from '../../../../src/kinesis/client/client.js';
import { LOCAL_CREDENTIALS } from '../../../../src/kinesis/client/client.js';
import type { OutgoingRecord } from '../../../../src/send/target.js';

/** One request as it came in. */
export interface Asked {
  readonly socket: Socket;
  /** From 1, over all connections. */
  readonly number: number;
  /** From 1: which connection it came over. */
  readonly connection: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface OddServer {
  readonly endpoint: string;
  readonly connections: Socket[];
  readonly asked: Asked[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server that answers PutRecords as the test wants it, byte for byte. */
export async function oddServer(answer: (asked: Asked) => void, host = '127.0.0.1'): Promise<OddServer> {
  const connections: Socket[] = [];
  const asked: Asked[] = [];
  const server = createServer((socket) => {
    const connection = connections.push(socket);
    let text = '';
    socket.setNoDelay(true).on('error', () => {});
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      for (;;) {
        const headEnd = text.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const lines = text.slice(0, headEnd).split('\r\n').slice(1);
        const headers = new Map(lines.map((line) => line.split(/: (.*)/s) as [string, string]));
        const end = headEnd + 4 + Number(headers.get('content-length'));
        if (text.length < end) return;
        const request = { socket, number: asked.length + 1, connection, headers, body: text.slice(headEnd + 4, end) };
        text = text.slice(end);
        asked.push(request);
        answer(request);
      }
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    connections,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const BODY = '{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"shardId-000000000001"}]}';

/** An answer as the service writes it. */
export function answerOf(body: string, status = '200 OK', ...headers: string[]): string {
  const lines = [`HTTP/1.1 ${status}`, 'Content-Type: application/x-amz-json-1.1', `Content-Length: ${body.length}`];
  return [...lines, ...headers, '', body].join('\r\n');
}

export const WHOLE = answerOf(BODY);

/** A batch of one record. */
export const BATCH: readonly OutgoingRecord[] = [
  {
    source: Buffer.from('datakey'),
    dataStart: 0,
    dataEnd: 4,
    keyStart: 4,
    keyEnd: 7,
    attributesStart: 0,
    attributesEnd: 0,
    recordedAtMs: Number.NaN,
  },
];

export function connectionTo(endpoint: string, more: Partial<KinesisConnection> = {}): KinesisConnection {
  return {
    region: 'us-east-1',
    profile: undefined,
    endpoint,
    stream: { StreamName: 's' },
    requestTimeoutMs: 5_000,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    ca: undefined,
    usesProxies: false,
    credentials: LOCAL_CREDENTIALS,
    ...more,
  };
}

const SKEW_ALLOWED_MS = 300_000;

/** A service whose clock is off, and that takes no signature more than five minutes away from it. */
export function serviceWith(offMs: number, code: string): (asked: Asked) => void {
  return ({ socket, headers }) => {
    const serviceMs = Date.now() + offMs;
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
      .exec(headers.get('x-amz-date')!)!
      .map(Number);
    const signedMs = Date.UTC(year!, month! - 1, day, hour, minute, second);
    const isTaken = Math.abs(signedMs - serviceMs) < SKEW_ALLOWED_MS;
    const date = `Date: ${new Date(serviceMs).toUTCString()}`;
    const refused = JSON.stringify({ __type: code, message: 'Signature not yet current' });
    socket.write(isTaken ? answerOf(BODY, '200 OK', date) : answerOf(refused, '400 Bad Request', date));
  };
}
