import { terminalText } from '../../system/terminal-text.js';
import type { Exchange, Outcome } from '../wire/exchange.js';
import { LogSink } from './log-sink.js';

/** 'error': bugs, and what else is answered with 5xx. 'info': requests, but of many alike only some. 'debug': all. */
export type LogLevel = 'off' | 'error' | 'info' | 'debug';

export interface LogOptions {
  readonly level: LogLevel;
  /** 'text' unless given. */
  readonly format?: 'text' | 'json';
  /** Takes a line, without its end. Standard error unless given. */
  readonly write?: (line: string) => void;
}

/** Of one text in a line. */
const TEXT_CHARACTERS_MAX = 2000;

const RANKS: Readonly<Record<LogLevel, number>> = { off: 0, error: 1, info: 2, debug: 3 };

/** At 'info': lines of one operation and code that are written in a second; the others are told as one. */
const ALIKE_PER_SECOND_MAX = 5;

/** What a line tells, in its order. */
interface Entry {
  readonly operation?: string;
  readonly stream?: string | undefined;
  readonly status?: number | string;
  readonly ms?: number;
  readonly error?: string | undefined;
  readonly message?: string | undefined;
  readonly requestId?: string;
}

interface Alike {
  readonly operation: string;
  readonly status: number | string;
  readonly error: string | undefined;
  lines: number;
  left: number;
}

/** A line for each request, as far as the level asks for it. */
export class RequestLog {
  readonly #rank: number;
  readonly #format: 'text' | 'json';
  readonly #now: () => number;
  readonly #sink: LogSink | undefined;
  readonly #write: (line: string) => void;
  /** Of the second that runs, by operation and code; what a client makes up is alike. */
  readonly #alike = new Map<string, Alike>();

  constructor({ level, format = 'text', write }: LogOptions, now: () => number) {
    this.#rank = RANKS[level];
    this.#format = format;
    this.#now = now;
    this.#sink = write === undefined ? new LogSink() : undefined;
    this.#write = write ?? ((line) => this.#sink?.write(line));
  }

  /** @param streamOf only asked where a line is written */
  answered(
    { request, operation }: Pick<Exchange, 'request'> & Partial<Exchange>,
    { status, refusal, durationMs }: Outcome,
    streamOf: () => string | undefined,
  ): void {
    const level = status >= 500 ? 'error' : 'info';
    if (this.#rank < RANKS[level]) return;
    const shown = status === 0 ? 'no answer' : status;
    if (this.#rank < RANKS.debug && !this.#isWithin(operation ?? 'unknown', shown, refusal?.type)) return;
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

  /** Something that no request is the reason of, and that its user should know. */
  notice(message: string): void {
    if (this.#rank >= RANKS.error) this.#line('error', { message });
  }

  /** Resolves when all lines are written. */
  async close(): Promise<void> {
    this.#tellLeft();
    await this.#sink?.close();
  }

  #isWithin(operation: string, status: number | string, error: string | undefined): boolean {
    if (this.#alike.size === 0) setTimeout(() => this.#tellLeft(), 1000).unref();
    const key = `${operation} ${error ?? status}`;
    const alike = this.#alike.get(key) ?? { operation, status, error, lines: 0, left: 0 };
    this.#alike.set(key, alike);
    if (alike.lines >= ALIKE_PER_SECOND_MAX) alike.left++;
    else alike.lines++;
    return alike.left === 0;
  }

  #tellLeft(): void {
    for (const { operation, status, error, left } of this.#alike.values()) {
      if (left > 0) this.#line('info', { operation, status, error, message: `and ${left} more within a second` });
    }
    this.#alike.clear();
  }

  #line(level: LogLevel, entry: Entry): void {
    const time = new Date(this.#now()).toISOString();
    const line = this.#format === 'json' ? JSON.stringify({ time, level, ...entry }) : textLine(time, entry);
    // Only the stack of a bug has several.
    this.#write(line.split('\n').map(terminalText).join('\n'));
  }
}

/** 2026-04-10T23:38:20.265Z PutRecords orders 200 1.2ms */
function textLine(time: string, { operation, stream, status, ms, error, message }: Entry): string {
  const trouble = error !== undefined && message !== undefined ? `${error}: ${message}` : (error ?? message);
  const parts = [time, operation, stream, status, ms === undefined ? undefined : `${ms}ms`, trouble];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** Without the query, which may be signed: anyone who has it can send the request. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

/** Messages about signatures repeat what was signed, with the session token. */
const TOKEN = /(x-amz-security-token[:=])[^\n&]*/gi;

/** What a client has sent begins no line of its own, and fills no screen: the service's messages repeat it whole. */
function oneLine(text: string): string {
  const shown = text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}...` : text;
  return shown.replace(/\s+/g, ' ');
}

/** Of a bug with its stack, which is what its report needs. */
function messageOf(refusal: Error): string {
  const { cause } = refusal;
  return cause instanceof Error ? (cause.stack ?? cause.message) : oneLine(refusal.message.replace(TOKEN, '$1...'));
}
