import type { ServerHttp2Session } from 'node:http2';

/** Session by session, what was seen of it. */
interface Watched {
  readonly session: ServerHttp2Session;
  openStreams: number;
  /** Bytes that had come at the last look. */
  seenBytes: number;
  /** Bytes that had come when it last was asked for a sign of life. */
  askedBytes: number;
  /** A ping that was not seen to go out yet, and how many bytes had gone out before it. */
  ping: { readonly writtenBytes: number; readonly sinceMs: number } | undefined;
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
    session.setTimeout(this.#idleMs, () => session.destroy());
    const watched: Watched = { session, openStreams: 0, seenBytes: 0, askedBytes: 0, ping: undefined };
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
    for (const watched of this.#watched) {
      if (watched.session.destroyed) continue;
      if (watched.ping === undefined) ask(watched);
      else if (watched.session.socket.bytesWritten !== watched.ping.writtenBytes) watched.ping = undefined;
      // With a stream open it may be the client that takes nothing, which it may do for as long as any other.
      else if (watched.openStreams === 0 || performance.now() - watched.ping.sinceMs >= this.#idleMs) {
        watched.session.destroy();
      }
    }
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
  watched.ping = { writtenBytes: bytesWritten, sinceMs: performance.now() };
  session.ping((error) => {
    // The answer has come, too, and is nothing to ask about.
    if (error === null) watched.askedBytes = session.socket.bytesRead;
  });
}
