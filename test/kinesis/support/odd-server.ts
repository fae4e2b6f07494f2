import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { KinesisConnection } from '../../../src/kinesis/client/client.js';
import { LOCAL_CREDENTIALS } from '../../../src/kinesis/client/client.js';
import type { OutgoingRecord } from '../../../src/target/target.js';

/** One request that the server received. */
export interface ReceivedRequest {
  readonly socket: Socket;
  /** Counts requests over all connections, from 1. */
  readonly number: number;
  /** The number of its connection, from 1. */
  readonly connection: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface OddServer {
  readonly endpoint: string;
  readonly connections: Socket[];
  readonly requests: ReceivedRequest[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server whose responses the test controls byte for byte. */
export async function oddServer(respond: (request: ReceivedRequest) => void, host = '127.0.0.1'): Promise<OddServer> {
  const connections: Socket[] = [];
  const requests: ReceivedRequest[] = [];
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
        const request = {
          socket,
          number: requests.length + 1,
          connection,
          headers,
          body: text.slice(headEnd + 4, end),
        };
        text = text.slice(end);
        requests.push(request);
        respond(request);
      }
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    connections,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const BODY = '{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"shardId-000000000001"}]}';

/** A response as the service writes it. */
export function responseOf(body: string, status = '200 OK', ...headers: string[]): string {
  const lines = [`HTTP/1.1 ${status}`, 'Content-Type: application/x-amz-json-1.1', `Content-Length: ${body.length}`];
  return [...lines, ...headers, '', body].join('\r\n');
}

export const WHOLE = responseOf(BODY);

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

/** A service whose clock is off by `offMs`, and that refuses signatures more than five minutes from its own time. */
export function serviceWith(offMs: number, code: string): (request: ReceivedRequest) => void {
  return ({ socket, headers }) => {
    const serviceMs = Date.now() + offMs;
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
      .exec(headers.get('x-amz-date')!)!
      .map(Number);
    const signedMs = Date.UTC(year!, month! - 1, day, hour, minute, second);
    const isAccepted = Math.abs(signedMs - serviceMs) < SKEW_ALLOWED_MS;
    const date = `Date: ${new Date(serviceMs).toUTCString()}`;
    const refused = JSON.stringify({ __type: code, message: 'Signature not yet current' });
    socket.write(isAccepted ? responseOf(BODY, '200 OK', date) : responseOf(refused, '400 Bad Request', date));
  };
}
