/** What answers go out on: a socket of HTTP/1.1, or a session of HTTP/2. */
export interface Connection {
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

/** The answers of one connection that wait. */
interface Waiting {
  bytes: number;
  answers: number;
  readonly forget: () => void;
}

/** What node keeps of an answer beside its bytes: the objects of a request, a response and a stream. */
const OVERHEAD_BYTES = 8192;

/**
 * The answers that clients have yet to read, which are kept in memory until they do. Where there would be too many bytes
 * of them, those connections are ended that have taken no answer for the longest time.
 */
export class Unread {
  readonly #bytesMax: number;
  readonly #onCut: () => void;
  /** In the order in which they last took an answer, or began to have one waiting. */
  readonly #waiting = new Map<Connection, Waiting>();
  #bytes = 0;

  /** @param onCut called for each connection that is ended */
  constructor(bytesMax: number, onCut: () => void) {
    this.#bytesMax = bytesMax;
    this.#onCut = onCut;
  }

  /** Bytes that wait, with what node keeps beside them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Returns what is to be called when the answer has gone; the end of its connection is noticed here. */
  hold(connection: Connection, answerBytes: number): () => void {
    const bytes = answerBytes + OVERHEAD_BYTES;
    const waiting = this.#waiting.get(connection) ?? this.#begin(connection);
    waiting.bytes += bytes;
    waiting.answers++;
    this.#bytes += bytes;
    this.#cut();
    return () => {
      // It was ended, and has taken all of its bytes along.
      if (this.#waiting.get(connection) !== waiting) return;
      waiting.bytes -= bytes;
      waiting.answers--;
      this.#bytes -= bytes;
      this.#waiting.delete(connection);
      if (waiting.answers > 0) this.#waiting.set(connection, waiting);
      else connection.off('close', waiting.forget);
    };
  }

  #begin(connection: Connection): Waiting {
    const forget = () => this.#forget(connection);
    const waiting: Waiting = { bytes: 0, answers: 0, forget };
    this.#waiting.set(connection, waiting);
    connection.once('close', forget);
    return waiting;
  }

  #forget(connection: Connection): void {
    this.#bytes -= this.#waiting.get(connection)?.bytes ?? 0;
    this.#waiting.delete(connection);
  }

  #cut(): void {
    for (const [connection, { forget }] of this.#waiting) {
      if (this.#bytes <= this.#bytesMax) return;
      connection.off('close', forget);
      this.#forget(connection);
      connection.destroy();
      this.#onCut();
    }
  }
}
