import { Agent, request } from 'node:http';
import { BenchError } from './errors.js';
import { ExchangeSocket } from './exchange-socket.js';

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0';

/** @typedef {{ readonly status: number, readonly body: string }} Response */

/** Sends prepared bodies over HTTP/1.1 with keep-alive. */
export class BodyClient {
  #agent = new Agent({ keepAlive: true });
  #port;

  /** @param {number} port */
  constructor(port) {
    this.#port = port;
  }

  close() {
    this.#agent.destroy();
  }

  /**
   * @param {string} operation
   * @param {string | Buffer} body
   * @returns {Promise<Response>}
   */
  call(operation, body) {
    const headers = headersOf(operation, Buffer.byteLength(body));
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.#port, method: 'POST', path: '/', agent: this.#agent, headers };
      const sent = request(options, (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /**
   * Calls an operation and returns its output. Throws unless the status is 200.
   * @param {string} operation
   * @param {object} input
   */
  async callOk(operation, input) {
    const { status, body } = await this.call(operation, JSON.stringify(input));
    if (status !== 200) throw new BenchError(`${operation} responded with ${status}: ${body.slice(0, 300)}`);
    return body === '' ? {} : JSON.parse(body);
  }

  /**
   * Sends the bodies in turn over several connections while `shouldContinue` returns true. Returns calls a second.
   * @param {string} operation
   * @param {readonly string[]} bodies
   * @param {number} connections
   * @param {(calls: number) => boolean} shouldContinue
   */
  async callsPerSecond(operation, bodies, connections, shouldContinue) {
    const requests = bodies.map((body) => requestOf(operation, body, this.#port));
    const opened = Array.from({ length: connections }, () => ExchangeSocket.open(this.#port));
    const sockets = await Promise.all(opened);
    let calls = 0;
    const startMs = performance.now();
    const loop = async (/** @type {ExchangeSocket} */ socket) => {
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

/** @param {string} operation @param {number} bodyBytes */
function headersOf(operation, bodyBytes) {
  return {
    authorization: AUTHORIZATION,
    'content-type': 'application/x-amz-json-1.1',
    'content-length': bodyBytes,
    'x-amz-date': '20260101T000000Z',
    'x-amz-target': `Kinesis_20131202.${operation}`,
  };
}

/** @param {string} operation @param {string} body @param {number} port */
function requestOf(operation, body, port) {
  const headers = { host: `127.0.0.1:${port}`, ...headersOf(operation, Buffer.byteLength(body)) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
