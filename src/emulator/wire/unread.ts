/** What answers go out on: a socket of HTTP/1.1, or a session of HTTP/2. */
export interface Connection {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
  /** Stops reading requests; a session of HTTP/2 has no such method, and bounds its requests by its streams. */
  pause?(): unknown;
  resume?(): unknown;
}

/** The answers of one connection that wait. */
interface Waiting {
  bytes: number;
  answers: number;
  /** Whether it was cut: its bytes are in memory until it has closed. */
  isEnding: boolean;
  readonly forget: () => void;
}

/** A request that waits for room for its answer. */
interface Queued {
  readonly begin: () => void;
  readonly drop: () => void;
}

/** Those of one connection. */
interface Queue {
  readonly requests: Queued[];
  readonly dropAll: () => void;
}

/** What node keeps of an answer beside its bytes: the objects of a request, a response and a stream. */
const OVERHEAD_BYTES = 8192;

/**
 * The answers that clients have yet to read, which are kept in memory until they do. A connection with too many bytes
 * of them has no further request handled until it reads. Where all together hold too many, those connections are ended
 * that have taken no answer for the longest time, and no request is handled until their memory is free.
 */
export class Unread {
  readonly #bytesMax: number;
  readonly #connectionBytesMax: number;
  readonly #onCut: () => void;
  /** In the order in which they last took an answer, or began to have one waiting. */
  readonly #waiting = new Map<Connection, Waiting>();
  readonly #queues = new Map<Connection, Queue>();
  #bytes = 0;
  #endingBytes = 0;

  /** @param onCut called for each connection that is ended */
  constructor(bytesMax: number, connectionBytesMax: number, onCut: () => void) {
    this.#bytesMax = bytesMax;
    this.#connectionBytesMax = connectionBytesMax;
    this.#onCut = onCut;
  }

  /** Bytes that wait, with what node keeps beside them. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Handles a request when there is room for its answer: mostly at once, and after those before it on its connection.
   * @param drop called instead where the connection ends first
   */
  whenRoom(connection: Connection, begin: () => void, drop: () => void): void {
    const queue = this.#queues.get(connection);
    // Its end may have been noticed before this request.
    if (connection.destroyed) drop();
    else if (queue !== undefined) queue.requests.push({ begin, drop });
    else if (this.#hasRoom(connection)) begin();
    else this.#enqueue(connection, { begin, drop });
    // Each time: node reads on for each request that was read.
    if (this.#queues.has(connection)) connection.pause?.();
  }

  /**
   * Returns what is to be called when the answer has gone; the end of its connection is noticed here.
   * @param connection not ended yet
   */
  hold(connection: Connection, answerBytes: number): () => void {
    const bytes = answerBytes + OVERHEAD_BYTES;
    const waiting = this.#waiting.get(connection) ?? this.#begin(connection);
    waiting.bytes += bytes;
    waiting.answers++;
    this.#bytes += bytes;
    this.#cut();
    return () => {
      // It has closed, and has taken all of its bytes along; or it is about to.
      if (this.#waiting.get(connection) !== waiting || waiting.isEnding) return;
      waiting.bytes -= bytes;
      waiting.answers--;
      this.#bytes -= bytes;
      this.#waiting.delete(connection);
      if (waiting.answers > 0) this.#waiting.set(connection, waiting);
      else connection.off('close', waiting.forget);
      this.#proceed();
    };
  }

  #hasRoom(connection: Connection): boolean {
    if (this.#bytes > this.#bytesMax) return false;
    return (this.#waiting.get(connection)?.bytes ?? 0) < this.#connectionBytesMax;
  }

  #enqueue(connection: Connection, first: Queued): void {
    const requests = [first];
    const dropAll = () => {
      this.#queues.delete(connection);
      for (const { drop } of requests.splice(0)) drop();
    };
    this.#queues.set(connection, { requests, dropAll });
    connection.once('close', dropAll);
  }

  /**
   * Handles what has waited, as far as there is room now. What waits on a destroyed connection is dropped when it
   * closes.
   */
  #proceed(): void {
    for (const [connection, { requests, dropAll }] of this.#queues) {
      if (this.#bytes > this.#bytesMax) return;
      while (requests.length > 0 && this.#hasRoom(connection) && !connection.destroyed) requests.shift()?.begin();
      if (requests.length > 0) continue;
      this.#queues.delete(connection);
      connection.off('close', dropAll);
      connection.resume?.();
    }
  }

  #begin(connection: Connection): Waiting {
    const forget = () => this.#forget(connection);
    const waiting: Waiting = { bytes: 0, answers: 0, isEnding: false, forget };
    this.#waiting.set(connection, waiting);
    connection.once('close', forget);
    return waiting;
  }

  #forget(connection: Connection): void {
    const waiting = this.#waiting.get(connection);
    if (waiting === undefined) return;
    this.#waiting.delete(connection);
    this.#bytes -= waiting.bytes;
    if (waiting.isEnding) this.#endingBytes -= waiting.bytes;
    this.#proceed();
  }

  #cut(): void {
    for (const [connection, waiting] of this.#waiting) {
      if (this.#bytes - this.#endingBytes <= this.#bytesMax) return;
      if (waiting.isEnding) continue;
      waiting.isEnding = true;
      this.#endingBytes += waiting.bytes;
      connection.destroy();
      this.#onCut();
    }
  }
}
