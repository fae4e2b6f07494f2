import type { ServerHttp2Session } from 'node:http2';

/** Session by session, what was seen of it. */
interface Watched {
  readonly session: ServerHttp2Session;
  openStreams: number;
  /** Bytes that had come at the last look. */
  seenBytes: number;
  /** Bytes that had come when it last was asked for a sign of life. */
  askedBytes: number;
  /** While a ping was not seen to go out: how many bytes had gone out before it. */
  writtenBeforePing: number | undefined;
  /** Bytes in both directions, and since when there were no more of them. */
  movedBytes: number;
  movedAtMs: number;
}

/**
 * Ends sessions of HTTP/2 that are over. Where frames break the protocol, node says so to the client, and from then on
 * neither reads nor writes, tells nobody, and keeps the connection, even past the client's end of it. What shows it is a
 * ping that does not go out: a session that was read from, and has been quiet since, is asked for one.
 */
export class SessionWatch {
  readonly #idleMs: number;
  readonly #watched = new Set<Watched>();
  readonly #timer: NodeJS.Timeout;

  /**
   * @param everyMs between looks
   * @param idleMs  after so long without a byte in either direction a session ends whatever it is waiting for
   */
  constructor(everyMs: number, idleMs: number) {
    this.#idleMs = idleMs;
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
  }

  watch(session: ServerHttp2Session): void {
    const watched: Watched = {
      session,
      openStreams: 0,
      seenBytes: 0,
      askedBytes: 0,
      writtenBeforePing: undefined,
      movedBytes: 0,
      movedAtMs: performance.now(),
    };
    this.#watched.add(watched);
    session.once('close', () => this.#watched.delete(watched));
    session.on('stream', (stream) => {
      watched.openStreams++;
      stream.once('close', () => watched.openStreams--);
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    for (const watched of this.#watched) {
      const { session } = watched;
      if (session.destroyed) continue;
      // A timeout of the session's own would outlive it, and keep it in memory.
      if (this.#isIdle(watched, nowMs)) session.destroy();
      else if (watched.writtenBeforePing === undefined) ask(watched);
      else if (session.socket.bytesWritten !== watched.writtenBeforePing) watched.writtenBeforePing = undefined;
      // With a stream open it may be the client that takes nothing, which it may do until it is idle.
      else if (watched.openStreams === 0) session.destroy();
    }
  }

  #isIdle(watched: Watched, nowMs: number): boolean {
    const { bytesRead, bytesWritten } = watched.session.socket;
    if (bytesRead + bytesWritten === watched.movedBytes) return nowMs - watched.movedAtMs >= this.#idleMs;
    watched.movedBytes = bytesRead + bytesWritten;
    watched.movedAtMs = nowMs;
    return false;
  }
}

/** Pings who was quiet for a while, once for all that came before. */
function ask(watched: Watched): void {
  const { session } = watched;
  const { bytesRead, bytesWritten } = session.socket;
  const isQuiet = bytesRead === watched.seenBytes;
  watched.seenBytes = bytesRead;
  if (!isQuiet || bytesRead === watched.askedBytes) return;
  watched.askedBytes = bytesRead;
  watched.writtenBeforePing = bytesWritten;
  session.ping((error) => {
    // The answer has come, too, and is nothing to ask about.
    if (error === null) watched.askedBytes = session.socket.bytesRead;
  });
}
