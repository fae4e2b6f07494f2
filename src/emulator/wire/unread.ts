/** An HTTP/1.1 socket or an HTTP/2 session. */
export interface Connection {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
  /** Stops reading requests. An HTTP/2 session has no such method: its maximum of streams bounds its requests. */
  pause?(): unknown;
  resume?(): unknown;
}

/** The unread responses of one connection. */
interface Waiting {
  bytes: number;
  responses: number;
  /** True once it was cut. Its bytes stay in memory until it has closed. */
  isEnding: boolean;
  readonly forget: () => void;
}

/** A request that waits for room for its response. */
interface Queued {
  readonly begin: () => void;
  readonly drop: () => void;
}

/** The waiting requests of one connection. */
interface Queue {
  readonly requests: Queued[];
  readonly dropAll: () => void;
}

/** The memory of a response besides its bytes: node's objects for the request, the response and the stream. */
const OVERHEAD_BYTES = 8192;

/**
 * Bounds the memory of responses that clients have not read yet. A connection with too many unread bytes has its
 * further requests wait until it reads. If all connections together have too many, those that have read nothing for the
 * longest time are ended, and all requests wait until that memory is free.
 */
export class Unread {
  readonly #bytesMax: number;
  readonly #connectionBytesMax: number;
  readonly #onCut: () => void;
  /** Ordered by when they last read a response, or first had an unread one. */
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

  /** Unread bytes, including the overhead of each response. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Begins a request when there is room for its response: usually at once, and after earlier requests of its
   * connection.
   * @param drop called instead if the connection ends first
   */
  whenRoom(connection: Connection, begin: () => void, drop: () => void): void {
    const queue = this.#queues.get(connection);
    if (connection.destroyed) drop();
    else if (queue !== undefined) queue.requests.push({ begin, drop });
    else if (this.#hasRoom(connection)) begin();
    else this.#enqueue(connection, { begin, drop });
    // Needed each time: node resumes the connection after each request that it has read.
    if (this.#queues.has(connection)) connection.pause?.();
  }

  /**
   * Counts a response as unread until the returned function is called or the connection closes.
   * @param connection not destroyed
   */
  hold(connection: Connection, responseBytes: number): () => void {
    const bytes = responseBytes + OVERHEAD_BYTES;
    const waiting = this.#waiting.get(connection) ?? this.#begin(connection);
    waiting.bytes += bytes;
    waiting.responses++;
    this.#bytes += bytes;
    this.#cut();
    return () => {
      // The connection has closed or is closing: all of its bytes are released together.
      if (this.#waiting.get(connection) !== waiting || waiting.isEnding) return;
      waiting.bytes -= bytes;
      waiting.responses--;
      this.#bytes -= bytes;
      this.#waiting.delete(connection);
      if (waiting.responses > 0) this.#waiting.set(connection, waiting);
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

  /** Begins waiting requests while there is room. Those of a destroyed connection are dropped when it closes. */
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
    const waiting: Waiting = { bytes: 0, responses: 0, isEnding: false, forget };
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
