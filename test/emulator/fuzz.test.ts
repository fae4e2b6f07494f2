import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cbor } from '@smithy/core/cbor';
import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/emulator/wire/exchange.js';
import { Fuzz } from './fuzz.js';
import { call, emulatorFor } from './support.js';
import { newService } from './wire/wire-server.js';

/** A few thousand in a normal run; a million with `npm run fuzz`. */
const REQUESTS = Number(process.env.KLOAD_FUZZ_REQUESTS ?? 4000);
const CONNECTIONS = Number(process.env.KLOAD_FUZZ_CONNECTIONS ?? 400);
const SEED = Number(process.env.KLOAD_FUZZ_SEED ?? 1);
const AT_ONCE = 50;
const TIMEOUT_MS = 3_600_000;

// A context created after the flag is set has `gc`. Without a collection, garbage would look like a leak.
setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes in use after garbage collection. */
function memory(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function problemOf(reply: Reply): string | undefined {
  if ('sever' in reply) return 'there is no response';
  const { status, contentType, body } = reply;
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return undefined;
  const text = body.toString();
  if (status === 500) return text;
  if (contentType === undefined) return /^(<(\w+)(\/>|>[\s\S]*<\/\2>)\n)?$/.test(text) ? undefined : `not XML: ${text}`;
  if (text === '') return status === 200 ? undefined : 'an error without a body';
  const value = contentType.includes('cbor') ? cbor.deserialize(Buffer.from(body)) : JSON.parse(text);
  if (status === 200) return undefined;
  // The former content type wraps errors in an object.
  const { __type } = value.Output ?? value;
  return typeof __type === 'string' || 'error' in value ? undefined : `not an error: ${text}`;
}

describe('malformed', () => {
  test('requests all get a well-formed response, and leave nothing in memory', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const fuzz = new Fuzz(SEED);
    const service = newService();
    const statuses = new Map<number, number>();
    let before = 0;
    for (let i = 0; i < REQUESTS; i++) {
      if (i === Math.floor(REQUESTS / 4)) before = memory();
      const request = { id: String(i), ...fuzz.request() };
      const reply = await service.handle(request);
      const problem = problemOf(reply);
      if (problem !== undefined)
        throw new Error(
          `request ${i} of seed ${SEED}: ` +
            `${problem}\n${JSON.stringify({ ...request, body: request.body.toString('latin1') })}`,
        );
      const status = 'status' in reply ? reply.status : 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if ('body' in reply && typeof reply.body !== 'string' && !Buffer.isBuffer(reply.body)) {
        await reply.body[Symbol.asyncIterator]().return?.();
      }
    }
    const grownBytes = memory() - before;
    report('requests', REQUESTS, { statuses: Object.fromEntries(statuses), before, grownBytes });
    expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 4);
    // Room for the streams that a few of them create, but not for leaks of a million requests.
    expect(grownBytes).toBeLessThan(32 * 1024 * 1024);
  });

  test('bytes on a connection never affect other connections', { timeout: TIMEOUT_MS }, async () => {
    const fuzz = new Fuzz(SEED + 1);
    const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
    const atQuarters: number[] = [];
    let responses = 0;
    for (let i = 0; i < CONNECTIONS; i += AT_ONCE) {
      if (i >= ((atQuarters.length + 1) * CONNECTIONS) / 4) atQuarters.push(memory());
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          if (fuzz.withProbability(0.5)) return write(emulator.port, fuzz.connection());
          await requireResponse(emulator.port, fuzz.wholeRequest());
          responses++;
        }),
      );
    }
    expect((await call(emulator, 'ListStreams', {})).status).toBe(200);
    atQuarters.push(memory());
    report('connections', CONNECTIONS, { responses, atQuarters });
    expect(responses).toBeGreaterThan(CONNECTIONS / 4);
    expect(atQuarters.at(-1)! - atQuarters[0]!).toBeLessThan(12 * 1024 * 1024);
  });
});

/** Writes the bytes and destroys the socket, like a client that breaks off. */
async function write(port: number, bytes: Buffer): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  socket.resume();
  socket.end(bytes, () => setImmediate(() => socket.destroy()));
  await closed;
}

/** Rejects unless the first bytes received are a whole HTTP/1.1 response. */
async function requireResponse(port: number, bytes: Buffer): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(bytes);
  let received = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk]);
      if (isWholeResponse(received)) return;
    }
  } catch {
    // A reset without a response before it: reported below.
  } finally {
    socket.destroy();
    await closed;
  }
  throw new Error(
    `no response but ${JSON.stringify(received.toString('latin1'))} to ${JSON.stringify(bytes.toString('latin1'))}`,
  );
}

/** False if more bytes are needed. Throws if the bytes cannot become a valid response. */
function isWholeResponse(bytes: Buffer): boolean {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const [status = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, code] = /^HTTP\/1\.1 (\d{3}) [\w ]+$/.exec(status) ?? [];
  if (code === undefined) throw new Error(`not a status line: ${status}`);
  const headers = Object.fromEntries(lines.map((line) => /^([\w-]+): (.*)$/.exec(line)?.slice(1) ?? [line, undefined]));
  const length = headers['Content-Length'];
  // Without a length: node's own response to a request that it cannot parse, or a streamed response.
  if (length === undefined) return code === '400' || headers['Transfer-Encoding'] === 'chunked';
  const body = bytes.subarray(end + 4, end + 4 + Number(length));
  if (body.length < Number(length)) return false;
  const problem = problemOf({ status: Number(code), contentType: headers['Content-Type'], body });
  if (problem !== undefined) throw new Error(problem);
  return true;
}

function report(what: string, count: number, figures: object): void {
  if (process.env.KLOAD_FUZZ_REQUESTS === undefined) return;
  process.stdout.write(`${JSON.stringify({ what, count, ...figures, rss: process.memoryUsage.rss() })}\n`);
}
