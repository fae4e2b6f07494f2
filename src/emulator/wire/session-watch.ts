import type { ServerHttp2Session } from 'node:http2';

/** The observations of one session. */
interface Watched {
  readonly session: ServerHttp2Session;
  openStreams: number;
  /** Bytes read at the last check. */
  readBytes: number;
  /** Bytes read when it was last pinged. */
  pingedBytes: number;
  /** Bytes written before the last ping; undefined once the ping was seen to be written. */
  writtenBeforePing: number | undefined;
  /** Bytes in both directions, and the time when they last increased. */
  movedBytes: number;
  movedAtMs: number;
}

/**
 * Ends dead HTTP/2 sessions. After a frame that breaks the protocol node reports the error to the client, then neither
 * reads nor writes any more, emits no event, and keeps the connection open even when the client closes it. Such a
 * session does not write a ping. So each session that received bytes and has been quiet since is pinged once.
 */
export class SessionWatch {
  readonly #idleMs: number;
  readonly #watched = new Set<Watched>();
  readonly #timer: NodeJS.Timeout;

  /**
   * @param everyMs between checks
   * @param idleMs  a session without a byte in either direction for this long is ended in any case
   */
  constructor(everyMs: number, idleMs: number) {
    this.#idleMs = idleMs;
    this.#timer = setInterval(() => this.#check(), everyMs).unref();
  }

  watch(session: ServerHttp2Session): void {
    const watched: Watched = {
      session,
      openStreams: 0,
      readBytes: 0,
      pingedBytes: 0,
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

  #check(): void {
    const nowMs = performance.now();
    for (const watched of this.#watched) {
      const { session } = watched;
      if (session.destroyed) continue;
      // Not session.setTimeout: its timer outlives the session and keeps it in memory.
      if (this.#isIdle(watched, nowMs)) session.destroy();
      else if (watched.writtenBeforePing === undefined) pingOnceQuiet(watched);
      else if (session.socket.bytesWritten !== watched.writtenBeforePing) watched.writtenBeforePing = undefined;
      // With an open stream the client may simply not be reading: it may do so until the session is idle.
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

/** Pings the session if it received bytes since the last ping, and none since the last check. */
function pingOnceQuiet(watched: Watched): void {
  const { session } = watched;
  const { bytesRead, bytesWritten } = session.socket;
  const isQuiet = bytesRead === watched.readBytes;
  watched.readBytes = bytesRead;
  if (!isQuiet || bytesRead === watched.pingedBytes) return;
  watched.pingedBytes = bytesRead;
  watched.writtenBeforePing = bytesWritten;
  session.ping((error) => {
    // The bytes of the ping's own acknowledgement do not call for another ping.
    if (error === null) watched.pingedBytes = session.socket.bytesRead;
  });
}
