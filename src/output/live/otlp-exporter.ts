import http from 'node:http';
import https from 'node:https';
import { messageOf } from '../../core/errors.js';
import { formatLatency } from '../../core/units.js';
import type { OtlpPlan } from './plan.js';

/** A response holds a few counts and a message. */
const RESPONSE_BYTES_MAX = 64 * 1024;
/** Of the texts that a collector sends, this much is repeated. */
const TEXT_SHOWN_MAX = 200;
/** A collector that wants to be left alone for longer is asked again after this time. */
const RETRY_AFTER_MAX_MS = 10 * 60_000;

/** What became of the exports of a run. */
export interface Exports {
  readonly taken: number;
  readonly failed: number;
  readonly firstError: string | null;
}

/**
 * Sends the metrics of a run to a collector, at a fixed interval. At most one request is open, and nothing queues: what
 * is not taken is in the next export, for all sums are since the start of the run. No failure reaches the run.
 */
export class OtlpExporter {
  readonly #plan: OtlpPlan;
  readonly #body: () => string;
  readonly #onProblem: (text: string) => void;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #open: { readonly settled: Promise<void>; readonly cancel: AbortController } | undefined;
  /** When the collector takes exports again, if it said so. */
  #notBeforeMs = 0;
  #taken = 0;
  #failed = 0;
  #firstError: string | null = null;

  /**
   * @param body      the metrics now
   * @param onProblem called once, with what was wrong with the first export that failed
   */
  constructor(plan: OtlpPlan, body: () => string, onProblem: (text: string) => void) {
    this.#plan = plan;
    this.#body = body;
    this.#onProblem = onProblem;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#plan.intervalMs);
    this.#timer.unref();
  }

  /** Gives up a request that is open, and sends the final metrics. Takes at most the timeout of one request. */
  async end(): Promise<Exports> {
    clearInterval(this.#timer);
    this.#open?.cancel.abort();
    await this.#open?.settled;
    if (!this.#stop.signal.aborted) await this.#export();
    return { taken: this.#taken, failed: this.#failed, firstError: this.#firstError };
  }

  /** Ends at once, without the final metrics. */
  stop(): void {
    this.#stop.abort();
    clearInterval(this.#timer);
    this.#open?.cancel.abort();
  }

  #tick(): void {
    if (this.#open === undefined && Date.now() >= this.#notBeforeMs) void this.#export();
  }

  #export(): Promise<void> {
    const cancel = new AbortController();
    const settled = this.#send(cancel.signal).finally(() => {
      this.#open = undefined;
    });
    this.#open = { settled, cancel };
    return settled;
  }

  async #send(signal: AbortSignal): Promise<void> {
    try {
      const response = await post(this.#plan, this.#body(), signal);
      this.#noteRetryAfter(response);
      const problem = problemOf(response);
      if (problem === undefined) this.#taken++;
      else this.#fail(problem);
    } catch (error) {
      // An export that the end of the run gave up did not fail: the final one holds all that it held.
      if (!signal.aborted) this.#fail(errorText(error));
    }
  }

  #fail(problem: string): void {
    this.#failed++;
    if (this.#firstError !== null) return;
    this.#firstError = problem;
    this.#onProblem(problem);
  }

  #noteRetryAfter({ status, retryAfter }: Response): void {
    if (status < 400 || retryAfter === undefined) return;
    const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
    if (seconds > 0) this.#notBeforeMs = Date.now() + Math.min(seconds * 1000, RETRY_AFTER_MAX_MS);
  }
}

interface Response {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** @throws anything that keeps the response from arriving whole and in time */
function post(plan: OtlpPlan, body: string, signal: AbortSignal): Promise<Response> {
  const { url, timeoutMs } = plan;
  const own = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  const headers = { 'user-agent': 'kload', ...plan.headers, ...own };
  return new Promise((resolve, reject) => {
    // Without an agent, each export has a connection of its own: the collector may close an idle one at any time.
    const options = { method: 'POST', agent: false, signal, headers } as const;
    const request = (url.startsWith('https:') ? https : http).request(url, options);
    const fail = (problem: string) => {
      reject(new Error(problem));
      request.destroy();
    };
    const timer = setTimeout(() => fail(`no response within ${formatLatency(timeoutMs)}`), timeoutMs);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > RESPONSE_BYTES_MAX) fail('the response is too long');
      });
      response.on('error', () => fail('the connection closed before the response ended'));
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, retryAfter: headers['retry-after'], body: text });
      });
    });
    request.on('error', reject);
    request.on('close', () => clearTimeout(timer));
    request.end(body);
  });
}

/** What is wrong with a response; undefined: all metrics were taken. */
function problemOf({ status, body }: Response): string | undefined {
  if (status < 200 || status > 299) return `HTTP status ${status}${quoted(messageIn(body) ?? '')}`;
  // Some collectors send no body.
  if (body.trim() === '') return undefined;
  const parsed = parse(body);
  if (typeof parsed !== 'object' || parsed === null) return `malformed response${quoted(body)}`;
  const { partialSuccess } = parsed as { partialSuccess?: { rejectedDataPoints?: unknown; errorMessage?: unknown } };
  const rejected = Number(partialSuccess?.rejectedDataPoints ?? 0);
  if (rejected === 0) return undefined;
  return `the collector rejected ${rejected} data points${quoted(String(partialSuccess?.errorMessage ?? ''))}`;
}

/** The message of an error in a body: a status object in JSON, or text. */
function messageIn(body: string): string | undefined {
  const parsed = parse(body);
  if (typeof parsed !== 'object' || parsed === null) return body;
  const { message } = parsed as { message?: unknown };
  return typeof message === 'string' ? message : body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function quoted(text: string): string {
  const short = text.trim().slice(0, TEXT_SHOWN_MAX);
  return short === '' ? '' : `: ${short}`;
}

/** For a name with several addresses, Node.js has an error for each, and no message. */
function errorText(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return messageOf(error);
}
