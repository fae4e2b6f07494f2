import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { Readable } from 'node:stream';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { assert as check, dictionary, property, string, uint8Array } from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EVENT_STREAM_TYPE, frame, framesOf } from '../../../src/emulator/protocol/event-stream-frame.js';
import { JSON_FORMAT } from '../../../src/emulator/protocol/format.js';
import { EventStream, type Output } from '../../../src/emulator/protocol/output.js';
import { ServiceError } from '../../../src/emulator/protocol/service-error.js';
import { wireServer } from './wire-server.js';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
);

test('clients decode frames as they were written', () => {
  // The SDK's decoder assigns names to an object, so it loses this one.
  const usable = (text: string) => Buffer.byteLength(text) < 256 && text !== '__proto__';
  const name = string({ minLength: 1, maxLength: 40 }).filter(usable);
  const headers = dictionary(name, string({ maxLength: 300 }), { maxKeys: 8 });
  check(
    property(headers, uint8Array({ maxLength: 5000 }), (given, payload) => {
      const { headers: decoded, body } = codec.decode(frame(given, Buffer.from(payload)));
      const values = Object.entries(decoded).map(([key, { type, value }]) => [key, type === 'string' ? value : type]);
      expect(Object.fromEntries(values)).toEqual({ ...given });
      expect(Buffer.from(body).equals(Buffer.from(payload))).toBe(true);
    }),
  );
});

/** Events made by a function. Counts how many were requested, and resolves `left` when they are ended. */
class Script implements AsyncIterable<Output> {
  asked = 0;
  readonly #next: (i: number) => Promise<IteratorResult<Output, undefined>>;
  #left: () => void = () => {};
  readonly left = new Promise<void>((resolve) => {
    this.#left = resolve;
  });

  constructor(next: (i: number) => Promise<IteratorResult<Output, undefined>>) {
    this.#next = next;
  }

  [Symbol.asyncIterator](): AsyncIterator<Output, undefined> {
    return {
      next: () => this.#next(this.asked++),
      return: async () => {
        this.#left();
        return { done: true, value: undefined };
      },
    };
  }
}

async function serve(script: Script) {
  const wire = await wireServer();
  wire.routes.add('GET', '/_kload/events', () => ({
    status: 200,
    contentType: EVENT_STREAM_TYPE,
    body: framesOf(new EventStream('Tick', script), JSON_FORMAT),
  }));
  return wire;
}

/** A response whose body is not read yet, and a function that closes its connection. */
async function ask(kind: string, origin: string): Promise<{ body: Readable; leave: () => void }> {
  if (kind === 'HTTP/1.1') {
    const sent = request(`${origin}/_kload/events`, { agent: false });
    sent.on('error', () => {});
    sent.end();
    const [body] = (await once(sent, 'response')) as [IncomingMessage];
    body.on('error', () => {});
    return { body, leave: () => void sent.destroy() };
  }
  const session = connectHttp2(origin);
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  const body = session.request({ ':path': '/_kload/events' });
  body.on('error', () => {});
  await once(body, 'response');
  return { body, leave: () => void body.close() };
}

function messagesOf(bytes: Buffer): unknown[] {
  const messages: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const { headers, body } = codec.decode(bytes.subarray(at, at + length));
    const type = headers[':event-type'] ?? headers[':exception-type'];
    messages.push([headers[':message-type']?.value, type?.value, JSON.parse(Buffer.from(body).toString())]);
    at += length;
  }
  return messages;
}

async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe.each(['HTTP/1.1', 'HTTP/2'])('over %s', (kind) => {
  const counting = (last: () => Promise<IteratorResult<Output, undefined>>) =>
    new Script((i) => (i < 3 ? Promise.resolve({ done: false, value: { i } }) : last()));
  const FIRST_FRAMES = [
    ['event', 'initial-response', {}],
    ['event', 'Tick', { i: 0 }],
    ['event', 'Tick', { i: 1 }],
    ['event', 'Tick', { i: 2 }],
  ];

  test('events follow an initial-response, each in a frame', async () => {
    const { origin } = await serve(counting(() => Promise.resolve({ done: true, value: undefined })));
    const { body } = await ask(kind, origin);
    expect(messagesOf(await readAll(body))).toEqual(FIRST_FRAMES);
  });

  test.each([
    [new ServiceError('ResourceInUseException', 'taken over'), 'ResourceInUseException', 'taken over'],
    [new Error('a bug'), 'InternalFailureException', 'a bug'],
  ])('%s among them is sent as the last frame', async (error, type, message) => {
    const { origin } = await serve(counting(() => Promise.reject(error)));
    const { body } = await ask(kind, origin);
    expect(messagesOf(await readAll(body))).toEqual([...FIRST_FRAMES, ['exception', type, { message }]]);
  });

  test('events are made only as fast as the client reads, and none after it has left', async () => {
    const value = { data: 'x'.repeat(64 * 1024) };
    const script = new Script(() => Promise.resolve({ done: false, value }));
    const { origin, server } = await serve(script);
    const { leave } = await ask(kind, origin);
    // Until no more are made: the system buffers some MiB, this process one event.
    for (let asked = -1, still = 0; still < 20; asked = script.asked) {
      await (await fetch(`${origin}/_kload/health`)).text();
      still = script.asked === asked ? still + 1 : 0;
    }
    expect(script.asked).toBeLessThan(512);
    expect(server.unreadBytes).toBeLessThan(256 * 1024);
    const asked = script.asked;
    leave();
    await script.left;
    expect(script.asked - asked).toBeLessThan(2);
  });

  test('a client that leaves while no event happens ends the events', async () => {
    const script = new Script((i) => (i === 0 ? Promise.resolve({ done: false, value: {} }) : new Promise(() => {})));
    const { origin } = await serve(script);
    const { body, leave } = await ask(kind, origin);
    await once(body, 'data');
    leave();
    await script.left;
  });

  test('closing the server ends the events', async () => {
    const script = new Script(() => new Promise(() => {}));
    const { origin, server } = await serve(script);
    const { body } = await ask(kind, origin);
    await once(body, 'data');
    await Promise.all([server.close(), script.left]);
  });
});
