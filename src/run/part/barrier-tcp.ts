import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BarrierPlan } from '../../config/part-plan.js';
import { KloadError, messageOf } from '../../core/errors.js';
import { unlessAborted } from '../../core/waiting.js';
import { nowMs } from '../../system/clock.js';
import { isLoopback } from '../../system/loopback.js';
import { type Barrier, type Meeting, missingError, START_LEAD_MS } from './meeting.js';

type TcpPlan = Extract<BarrierPlan, { kind: 'tcp' }>;

/** A line is longer only if the other side is no part of a run. */
const LINE_CHARS_MAX = 4096;
/** A connection says what it is in this time, and a lobby responds in it. */
const SILENCE_MS = 5000;
const RETRY_MS = 250;
/** The clock is read over the one with the shortest way of some exchanges. */
const PINGS = 8;

/** What the two sides of a connection say, a line of JSON each. */
interface Message {
  /** A part: the first line. */
  readonly kload?: 'barrier/1';
  readonly run?: string;
  readonly part?: number;
  readonly of?: number;
  /** A part asks for the time, and part 1 responds with its own. */
  readonly ping?: number;
  readonly atMs?: number;
  /** A part can begin. */
  readonly ready?: boolean;
  /** Part 1: when all begin, by its clock. */
  readonly startAtMs?: number;
  readonly missing?: readonly number[];
  readonly refused?: string;
}

function send(socket: net.Socket, message: Message): void {
  socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls `onMessage` for each line. A connection that sends anything else is dropped. */
function listen(socket: net.Socket, onMessage: (message: Message) => void): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (more: string) => {
    text += more;
    for (let end = text.indexOf('\n'); end >= 0 && !socket.destroyed; end = text.indexOf('\n')) {
      const message = messageIn(text.slice(0, end));
      text = text.slice(end + 1);
      if (message === undefined) socket.destroy();
      else onMessage(message);
    }
    if (text.length > LINE_CHARS_MAX) socket.destroy();
  });
}

function messageIn(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Part 1: it listens until all parts are there. */
export class Lobby implements Barrier {
  startAtMs: number | undefined;
  readonly #meeting: Meeting;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  /** The connections of the parts that can begin, by number. */
  readonly #ready = new Map<number, net.Socket>();
  #allReady: () => void = () => {};

  /** @throws KloadError `usage` for an address that cannot be listened at, `target` if a part is missing */
  static async open(plan: TcpPlan, meeting: Meeting): Promise<Lobby> {
    const lobby = new Lobby(meeting);
    try {
      await lobby.#listenAt(plan);
      await lobby.#meet(plan.timeoutMs);
      return lobby;
    } catch (error) {
      lobby.close();
      throw error;
    }
  }

  private constructor(meeting: Meeting) {
    this.#meeting = meeting;
    this.#server = net.createServer((socket) => this.#greet(socket));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroySoon();
  }

  /** The name may be one that others see, so all addresses are taken, unless it is this machine's own. */
  async #listenAt({ host, port }: TcpPlan): Promise<void> {
    this.#server.listen(isLoopback(host) ? { host, port } : { port });
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      const reason = `--barrier tcp://${host}:${port}: part 1 cannot listen there: ${messageOf(error)}`;
      throw new KloadError('usage', reason, 'name a free port');
    }
    this.#server.on('error', () => {});
    this.#server.unref();
  }

  async #meet(timeoutMs: number): Promise<void> {
    const { part, signal } = this.#meeting;
    const all = new Promise<true>((resolve) => {
      this.#allReady = () => resolve(true);
    });
    const over = new AbortController();
    const timeout = sleep(timeoutMs, false as const, { signal: over.signal }).catch(() => false as const);
    const met = await unlessAborted(Promise.race([all, timeout]), signal).finally(() => over.abort());
    if (!met) {
      const numbers = Array.from({ length: part.of - 1 }, (_, i) => i + 2);
      const missing = numbers.filter((number) => !this.#ready.has(number));
      for (const socket of this.#ready.values()) send(socket, { missing });
      throw missingError(missing, part, timeoutMs);
    }
    const startAtMs = Date.now() + START_LEAD_MS;
    this.startAtMs = startAtMs;
    for (const socket of this.#ready.values()) send(socket, { startAtMs });
  }

  #greet(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.unref();
    let number: number | undefined;
    const silence = setTimeout(() => socket.destroy(), SILENCE_MS).unref();
    socket.on('close', () => {
      clearTimeout(silence);
      this.#sockets.delete(socket);
      if (number !== undefined && this.#ready.get(number) === socket) this.#ready.delete(number);
    });
    listen(socket, (message) => {
      if (number === undefined) {
        number = this.#admit(socket, message);
      } else if (message.ping !== undefined) {
        send(socket, { ping: message.ping, atMs: Date.now() });
      } else if (message.ready) {
        clearTimeout(silence);
        this.#enter(number, socket);
      } else {
        socket.destroy();
      }
    });
  }

  /** The number of a part; undefined for one that is refused. */
  #admit(socket: net.Socket, { kload, run, part: number, of }: Message): number | undefined {
    const { part, runId, onNotice } = this.#meeting;
    if (kload !== 'barrier/1' || !Number.isInteger(number) || !Number.isInteger(of) || typeof run !== 'string') {
      socket.destroy();
      return undefined;
    }
    const name = `part ${number}/${of}`;
    const fits = of === part.of && number! > 1 && number! <= of;
    if (run === runId && fits) return number;
    const why = run === runId ? `this run has ${part.of} parts` : `it belongs to run ${run.slice(0, 16)}`;
    const refused = `${name} is refused: ${why}, and part 1 to run ${runId}`;
    onNotice(`at the barrier, ${refused}`);
    send(socket, { refused });
    socket.destroySoon();
    return undefined;
  }

  #enter(number: number, socket: net.Socket): void {
    const before = this.#ready.get(number);
    // A part that was started again takes the place of the one before.
    if (before !== undefined && before !== socket) {
      send(before, { refused: `part ${number}/${this.#meeting.part.of} was started twice` });
      before.destroySoon();
    }
    this.#ready.set(number, socket);
    if (this.startAtMs !== undefined) send(socket, { startAtMs: this.startAtMs });
    else if (this.#ready.size === this.#meeting.part.of - 1) this.#allReady();
  }
}

/**
 * A part that is not the first: it connects to part 1, and waits with it.
 *
 * @throws KloadError `target` if part 1 or another part is missing, `usage` if part 1 refuses this one
 */
export async function joinLobby(plan: TcpPlan, meeting: Meeting): Promise<Barrier> {
  const { part, signal } = meeting;
  const deadlineMs = nowMs() + plan.timeoutMs;
  for (;;) {
    const startAtMs = await unlessAborted(visit(plan, meeting), signal);
    if (startAtMs !== undefined) return { startAtMs, close: () => {} };
    if (nowMs() >= deadlineMs) {
      const at = `tcp://${plan.host}:${plan.port}`;
      const hint = `part 1 has to listen at ${at}; --barrier-timeout sets how long to wait`;
      throw missingError([1], part, plan.timeoutMs, hint);
    }
    await sleep(RETRY_MS, undefined, { signal });
  }
}

/** One connection to part 1. Returns the start by this machine's clock; undefined if the connection failed. */
async function visit(plan: TcpPlan, { part, runId, signal }: Meeting): Promise<number | undefined> {
  const { host, port, timeoutMs } = plan;
  const socket = net.connect({ host, port });
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort);
  try {
    return await new Promise<number | undefined>((resolve, reject) => {
      const clock = new ClockPings(socket);
      // Part 1 waits for its own timeout, which may begin later.
      socket.setTimeout(SILENCE_MS, () => socket.destroy());
      socket.on('close', () => resolve(undefined));
      socket.on('connect', () => {
        send(socket, { kload: 'barrier/1', run: runId, part: part.number, of: part.of });
        clock.ping();
      });
      listen(socket, ({ ping, atMs, startAtMs, missing, refused }) => {
        if (typeof startAtMs === 'number') resolve(startAtMs - clock.aheadMs);
        else if (typeof refused === 'string') reject(refusedError(plan, refused));
        else if (Array.isArray(missing)) reject(missingError(missing.map(Number), part, timeoutMs));
        else if (typeof ping !== 'number' || typeof atMs !== 'number') socket.destroy();
        else if (clock.pong(atMs)) {
          socket.setTimeout(timeoutMs + SILENCE_MS);
          send(socket, { ready: true });
        } else clock.ping();
      });
    });
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

function refusedError({ host, port }: TcpPlan, refused: string): KloadError {
  return new KloadError(
    'usage',
    `--barrier tcp://${host}:${port}: ${refused}`,
    'give all parts the same options, input files and version of kload, and each part another number',
  );
}

/** Compares the clock of part 1 with this machine's. */
class ClockPings {
  /** By how much part 1's clock is ahead. */
  aheadMs = 0;
  readonly #socket: net.Socket;
  #shortestMs = Number.POSITIVE_INFINITY;
  #sentAtMs = 0;
  #pongs = 0;

  constructor(socket: net.Socket) {
    this.#socket = socket;
  }

  ping(): void {
    this.#sentAtMs = nowMs();
    send(this.#socket, { ping: this.#pongs });
  }

  /** Takes a response. Returns whether it was the last one. */
  pong(atMs: number): boolean {
    const wayMs = nowMs() - this.#sentAtMs;
    if (wayMs < this.#shortestMs) {
      this.#shortestMs = wayMs;
      this.aheadMs = atMs - (Date.now() - wayMs / 2);
    }
    return ++this.#pongs >= PINGS;
  }
}
