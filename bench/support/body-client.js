import { Agent, request } from 'node:http';
import { BenchError } from './errors.js';

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0';

/** @typedef {{ readonly status: number, readonly body: string, readonly bytes: number }} Answer */

/** Sends bodies that were made before over HTTP/1.1 with keep-alive, so that the client costs next to nothing. */
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
   * @param {boolean} [isKept] whether the answer's body is wanted
   * @returns {Promise<Answer>}
   */
  call(operation, body, isKept = true) {
    const headers = {
      authorization: AUTHORIZATION,
      'content-type': 'application/x-amz-json-1.1',
      'content-length': Buffer.byteLength(body),
      'x-amz-date': '20260101T000000Z',
      'x-amz-target': `Kinesis_20131202.${operation}`,
    };
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.#port, method: 'POST', path: '/', agent: this.#agent, headers };
      const sent = request(options, (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        let bytes = 0;
        response.on('data', (/** @type {Buffer} */ chunk) => {
          bytes += chunk.length;
          if (isKept) chunks.push(chunk);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), bytes }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /**
   * A call that must succeed.
   * @param {string} operation
   * @param {object} input
   */
  async demand(operation, input) {
    const { status, body } = await this.call(operation, JSON.stringify(input));
    if (status !== 200) throw new BenchError(`${operation} was answered with ${status}: ${body.slice(0, 300)}`);
    return body === '' ? {} : JSON.parse(body);
  }

  /**
   * Sends the bodies in turn, `connections` at a time, for as long as `goesOn` says; returns calls a second.
   * @param {string} operation
   * @param {readonly (string | Buffer)[]} bodies
   * @param {number} connections
   * @param {(calls: number) => boolean} goesOn
   */
  async callsPerSecond(operation, bodies, connections, goesOn) {
    let calls = 0;
    const startMs = performance.now();
    const loop = async () => {
      while (goesOn(calls)) {
        const { status } = await this.call(operation, bodies[calls++ % bodies.length] ?? '', false);
        if (status !== 200) throw new BenchError(`${operation} was answered with ${status}`);
      }
    };
    await Promise.all(Array.from({ length: connections }, loop));
    return (calls * 1000) / (performance.now() - startMs);
  }
}
