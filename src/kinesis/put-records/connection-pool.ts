import { setImmediate } from 'node:timers/promises';
import { Connection, type Origin, type TlsSession } from './connection.js';
import type { Answer } from './response-parser.js';

/** A connection that was idle for this long is looked at before it is used: the server may have closed it. */
const LOOK_AFTER_IDLE_MS = 50;

export interface Timeouts {
  readonly connectMs: number;
  readonly requestMs: number;
}

/** The connections to one origin: as many as there are requests at once. */
export class ConnectionPool {
  readonly origin: Origin;
  readonly #timeouts: Timeouts;
  readonly #session: TlsSession = {};
  readonly #all = new Set<Connection>();
  /** The one used last is used next: the others may be closed by whom they wait for. */
  readonly #idle: Connection[] = [];
  #isClosed = false;

  constructor(origin: Origin, timeouts: Timeouts) {
    this.origin = origin;
    this.#timeouts = timeouts;
  }

  leadsTo({ secure, host, port }: Origin): boolean {
    const { origin } = this;
    return port === origin.port && host === origin.host && secure === origin.secure;
  }

  /** Opens a connection for the first request to use. */
  async warmUp(): Promise<void> {
    this.#giveBack(await this.#open());
  }

  /**
   * @param request the bytes of head and body, which must stay as they are until the answer is there; without one, for good
   * @param handing called each time that they go to a socket
   * @param read    called with the answer, which is good for as long as it runs
   * @throws what opening a connection or the exchange throws; ECONNRESET and the like say that the answer was lost
   */
  async ask<T>(request: Uint8Array, handing: () => void, read: (answer: Answer) => T): Promise<T> {
    const startedMs = performance.now();
    for (;;) {
      const kept = await this.#takeKept();
      const connection = kept ?? (await this.#open());
      try {
        handing();
        const leftMs = Math.max(1, this.#timeouts.requestMs - (performance.now() - startedMs));
        const answer = await connection.exchange(request, leftMs);
        return read(answer);
      } catch (error) {
        // The server closed it while it was idle, and can't have the request: it goes out again, at last by a new one.
        if (kept === undefined || connection.mayHaveDelivered || this.#isClosed) throw error;
      } finally {
        this.#giveBack(connection);
      }
    }
  }

  /** Whoever still waits for an answer gets ECONNRESET. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#all) connection.destroy();
  }

  async #takeKept(): Promise<Connection | undefined> {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      // One turn of the event loop reads what has come in meanwhile: also the end.
      if (connection.isUsable && connection.idleMs > LOOK_AFTER_IDLE_MS) await setImmediate();
      if (connection.isUsable) return connection;
      this.#drop(connection);
    }
  }

  async #open(): Promise<Connection> {
    const { connectMs, requestMs } = this.#timeouts;
    const connection = await Connection.open(this.origin, Math.min(connectMs, requestMs), this.#session);
    this.#all.add(connection);
    if (this.#isClosed) connection.destroy();
    return connection;
  }

  #giveBack(connection: Connection): void {
    if (connection.isUsable && !this.#isClosed) this.#idle.push(connection);
    else this.#drop(connection);
  }

  #drop(connection: Connection): void {
    this.#all.delete(connection);
    connection.destroy();
  }
}
