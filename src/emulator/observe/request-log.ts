import { terminalText } from '../../system/terminal-text.js';
import type { Exchange, Outcome } from '../wire/exchange.js';
import { LogSink } from './log-sink.js';

/** 'error': responses with 5xx, such as for bugs. 'info': also requests, but few of the same kind. 'debug': all. */
export type LogLevel = 'off' | 'error' | 'info' | 'debug';

export interface LogOptions {
  readonly level: LogLevel;
  /** Default: 'text'. */
  readonly format?: 'text' | 'json';
  /** Gets each line, without a line feed. Default: writes to standard error. */
  readonly write?: (line: string) => void;
}

/** The longest text within a line. */
const TEXT_CHARACTERS_MAX = 2000;

const RANKS: Readonly<Record<LogLevel, number>> = { off: 0, error: 1, info: 2, debug: 3 };

/** At 'info': lines a second for one operation and code. The rest are summed up in one line. */
const SAME_KIND_PER_SECOND_MAX = 5;

/** The parts of a line, in order. */
interface Entry {
  readonly operation?: string;
  readonly stream?: string | undefined;
  readonly status?: number | string;
  readonly ms?: number;
  readonly error?: string | undefined;
  readonly message?: string | undefined;
  readonly requestId?: string;
}

/** The requests of one operation and code within the current second. */
interface RequestKind {
  readonly operation: string;
  readonly status: number | string;
  readonly error: string | undefined;
  logged: number;
  skipped: number;
}

/** Writes a line for each request that the level includes. */
export class RequestLog {
  readonly #rank: number;
  readonly #format: 'text' | 'json';
  readonly #now: () => number;
  readonly #sink: LogSink | undefined;
  readonly #write: (line: string) => void;
  /** By operation and code. Unknown operations share one entry, so that clients cannot add entries without end. */
  readonly #kinds = new Map<string, RequestKind>();

  constructor({ level, format = 'text', write }: LogOptions, now: () => number) {
    this.#rank = RANKS[level];
    this.#format = format;
    this.#now = now;
    this.#sink = write === undefined ? new LogSink() : undefined;
    this.#write = write ?? ((line) => this.#sink?.write(line));
  }

  /** @param streamOf only called if a line is written */
  finished(
    { request, operation }: Pick<Exchange, 'request'> & Partial<Exchange>,
    { status, refusal, durationMs }: Outcome,
    streamOf: () => string | undefined,
  ): void {
    const level = status >= 500 ? 'error' : 'info';
    if (this.#rank < RANKS[level]) return;
    const shown = status === 0 ? 'no response' : status;
    if (this.#rank < RANKS.debug && !this.#isLogged(operation ?? 'unknown', shown, refusal?.type)) return;
    this.#line(level, {
      operation: oneLine(operation ?? `${request.method} ${pathOf(request.url)}`),
      stream: oneLine(streamOf() ?? '') || undefined,
      status: shown,
      ms: Math.round(durationMs * 100) / 100,
      error: refusal?.type,
      message: refusal && messageOf(refusal),
      requestId: request.id,
    });
  }

  /** Logs something that the user should know and that belongs to no request. */
  notice(message: string): void {
    if (this.#rank >= RANKS.error) this.#line('error', { message });
  }

  /** Resolves when all lines are written. */
  async close(): Promise<void> {
    this.#sumUpSkipped();
    await this.#sink?.close();
  }

  #isLogged(operation: string, status: number | string, error: string | undefined): boolean {
    if (this.#kinds.size === 0) setTimeout(() => this.#sumUpSkipped(), 1000).unref();
    const key = `${operation} ${error ?? status}`;
    const kind = this.#kinds.get(key) ?? { operation, status, error, logged: 0, skipped: 0 };
    this.#kinds.set(key, kind);
    if (kind.logged >= SAME_KIND_PER_SECOND_MAX) kind.skipped++;
    else kind.logged++;
    return kind.skipped === 0;
  }

  #sumUpSkipped(): void {
    for (const { operation, status, error, skipped } of this.#kinds.values()) {
      if (skipped > 0) this.#line('info', { operation, status, error, message: `and ${skipped} more within a second` });
    }
    this.#kinds.clear();
  }

  #line(level: LogLevel, entry: Entry): void {
    const time = new Date(this.#now()).toISOString();
    const line = this.#format === 'json' ? JSON.stringify({ time, level, ...entry }) : textLine(time, entry);
    // Only the stack of a bug has several lines.
    this.#write(line.split('\n').map(terminalText).join('\n'));
  }
}

/** 2026-04-10T23:38:20.265Z PutRecords orders 200 1.2ms */
function textLine(time: string, { operation, stream, status, ms, error, message }: Entry): string {
  const reason = error !== undefined && message !== undefined ? `${error}: ${message}` : (error ?? message);
  const parts = [time, operation, stream, status, ms === undefined ? undefined : `${ms}ms`, reason];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** Leaves out the query: it may hold a signature, with which anyone could send the request. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

/** Messages about signatures repeat the signed text, which includes the session token. */
const TOKEN = /(x-amz-security-token[:=])[^\n&]*/gi;

/** Puts a text from a client on one line and shortens it: the service's messages repeat whole values. */
function oneLine(text: string): string {
  const shown = text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}...` : text;
  return shown.replace(/\s+/g, ' ');
}

/** The message; for a bug the stack, which a bug report needs. */
function messageOf(refusal: Error): string {
  const { cause } = refusal;
  return cause instanceof Error ? (cause.stack ?? cause.message) : oneLine(refusal.message.replace(TOKEN, '$1...'));
}
