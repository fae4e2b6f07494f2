import type { Format } from './format.js';
import { BulkOutput, type EventStream, type Output } from './output.js';
import { ServiceError } from './service-error.js';

/**
 * `application/vnd.amazon.eventstream`: a response as a sequence of frames. The first, `initial-response`, is required:
 * clients wait for it or refuse a stream without it.
 * Payloads are in the format of the request. The SDK for Java subscribes in JSON, although it uses CBOR otherwise.
 */

export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream';

const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
/** The type of a header's value: a string. */
const STRING_VALUE = 7;

/** One frame: the lengths and their checksum, the headers, the payload, and a checksum of everything before it. */
export function frame(headers: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  // Loaded on first use, to keep start-up fast.
  const { crc32 } = process.getBuiltinModule('node:zlib');
  const head = Buffer.concat(Object.entries(headers).flatMap(([name, value]) => headerParts(name, value)));
  const frame = Buffer.allocUnsafe(PRELUDE_BYTES + head.length + payload.length + CRC_BYTES);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(head.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  head.copy(frame, PRELUDE_BYTES);
  payload.copy(frame, PRELUDE_BYTES + head.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, -CRC_BYTES)), frame.length - CRC_BYTES);
  return frame;
}

function headerParts(name: string, value: string): Buffer[] {
  const valueBytes = Buffer.from(value);
  const nameBytes = Buffer.from(name);
  const valueHead = Buffer.from([STRING_VALUE, valueBytes.length >> 8, valueBytes.length & 0xff]);
  return [Buffer.from([nameBytes.length]), nameBytes, valueHead, valueBytes];
}

/** The frames of a response. Ending the frames early ends the events, even while the next one is awaited. */
export function framesOf(stream: EventStream, format: Format): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => new Frames(stream, format) };
}

class Frames implements AsyncIterator<Buffer, undefined> {
  readonly #eventType: string;
  readonly #events: AsyncIterator<Output | BulkOutput>;
  readonly #format: Format;
  #state: 'new' | 'open' | 'ended' = 'new';

  constructor({ eventType, events }: EventStream, format: Format) {
    this.#eventType = eventType;
    this.#format = format;
    this.#events = events[Symbol.asyncIterator]();
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#state === 'ended') return { done: true, value: undefined };
    if (this.#state === 'new') {
      this.#state = 'open';
      return { done: false, value: eventFrame('initial-response', {}, this.#format) };
    }
    try {
      const event = await this.#events.next();
      if (event.done !== true) return { done: false, value: eventFrame(this.#eventType, event.value, this.#format) };
      this.#state = 'ended';
      return { done: true, value: undefined };
    } catch (error) {
      this.#state = 'ended';
      return { done: false, value: exceptionFrame(error, this.#format) };
    }
  }

  async return(): Promise<IteratorResult<Buffer, undefined>> {
    this.#state = 'ended';
    await this.#events.return?.();
    return { done: true, value: undefined };
  }
}

function eventFrame(type: string, event: Output | BulkOutput, format: Format): Buffer {
  const headers = { ':event-type': type, ':content-type': format.contentType, ':message-type': 'event' };
  const payload = event instanceof BulkOutput ? format.writeBulk(event) : Buffer.from(format.write(event));
  return frame(headers, payload);
}

/** Any error but a ServiceError is a bug: an InternalFailureException, as event streams call an InternalFailure. */
function exceptionFrame(error: unknown, format: Format): Buffer {
  const isRefusal = error instanceof ServiceError && error.type !== 'InternalFailure';
  const type = isRefusal ? error.type : 'InternalFailureException';
  const message = error instanceof Error ? error.message : String(error);
  const headers = { ':exception-type': type, ':content-type': format.contentType, ':message-type': 'exception' };
  return frame(headers, Buffer.from(format.write({ message })));
}
