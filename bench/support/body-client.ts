import { Agent, request } from 'node:http';
import { BenchError } from './errors.js';
import { ExchangeSocket } from './exchange-socket.js';

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0';

interface Response {
  readonly status: number;
  readonly body: string;
}

/** Sends prepared bodies over HTTP/1.1 with keep-alive. */
export class BodyClient {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  close() {
    this.#agent.destroy();
  }

  call(operation: string, body: string | Buffer): Promise<Response> {
    const headers = headersOf(operation, Buffer.byteLength(body));
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.#port, method: 'POST', path: '/', agent: this.#agent, headers };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Calls an operation and returns its output, of which the caller says the type. Throws unless the status is 200. */
  async callOk<T>(operation: string, input: object): Promise<T> {
    const { status, body } = await this.call(operation, JSON.stringify(input));
    if (status !== 200) throw new BenchError(`${operation} responded with ${status}: ${body.slice(0, 300)}`);
    return JSON.parse(body === '' ? '{}' : body) as T;
  }

  /** Sends the bodies in turn over several connections while `shouldContinue` returns true. Returns calls a second. */
  async callsPerSecond(
    operation: string,
    bodies: readonly string[],
    connections: number,
    shouldContinue: (calls: number) => boolean,
  ) {
    const requests = bodies.map((body) => requestOf(operation, body, this.#port));
    const opened = Array.from({ length: connections }, () => ExchangeSocket.open(this.#port));
    const sockets = await Promise.all(opened);
    let calls = 0;
    const startMs = performance.now();
    const loop = async (socket: ExchangeSocket) => {
      while (shouldContinue(calls)) {
        const status = await socket.exchange(requests[calls++ % requests.length] ?? Buffer.alloc(0));
        if (status !== 200) throw new BenchError(`${operation} responded with ${status}`);
      }
    };
    try {
      await Promise.all(sockets.map(loop));
      return (calls * 1000) / (performance.now() - startMs);
    } finally {
      for (const socket of sockets) socket.close();
    }
  }
}

function headersOf(operation: string, bodyBytes: number) {
  return {
    authorization: AUTHORIZATION,
    'content-type': 'application/x-amz-json-1.1',
    'content-length': bodyBytes,
    'x-amz-date': '20260101T000000Z',
    'x-amz-target': `Kinesis_20131202.${operation}`,
  };
}

function requestOf(operation: string, body: string, port: number) {
  const headers = { host: `127.0.0.1:${port}`, ...headersOf(operation, Buffer.byteLength(body)) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
