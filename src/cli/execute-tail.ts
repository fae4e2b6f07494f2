import type { TailPlan } from '../config/tail-plan.js';
import { EXIT_CODES } from '../core/errors.js';
import type { Failure } from '../core/failure.js';
import { obeysEscapes } from '../system/terminal.js';
import { terminalText } from '../system/terminal-text.js';
import { type OpenTail, openTail } from '../tail/open-tail.js';
import { shortShardId } from '../tail/record-format.js';
import { progressText, summarize, type TailResult } from '../tail/result.js';
import type { TailNotes } from '../tail/tail.js';
import { tailKind } from '../target/tail-kinds.js';
import { printLines } from './print.js';
import { onStopSignal } from './stop-signals.js';

const LINE_EVERY_MS = 500;
const LOG_EVERY_MS = 10_000;
const CLEAR_LINE = '\r\u001b[K';

/** Executes a planned tail and returns the exit code. */
export async function executeTail(plan: TailPlan): Promise<number> {
  const stopping = new AbortController();
  let open: OpenTail | undefined;
  const stop = () => {
    // A second signal exits without waiting, unless a registered consumer has to be removed first.
    stopping.abort();
    if (open === undefined && !plan.source.registers) process.exit(EXIT_CODES.interrupted.code);
    open?.tail.stop();
  };
  const offSignals = onStopSignal(stop);
  // If standard error is closed, only the messages are lost.
  process.stderr.on('error', () => {});
  const messages = new Messages(plan);
  try {
    open = await openTail(plan, messages, stopping.signal);
    messages.opened(open);
    const result = await open.tail.run().finally(() => messages.closed());
    if (result.reason !== 'pipe') messages.print(summarize(result));
    return exitCodeOf(plan, result);
  } catch (error) {
    if (open === undefined && stopping.signal.aborted) return EXIT_CODES.interrupted.code;
    throw error;
  } finally {
    await open?.close();
    offSignals();
  }
}

/** Ctrl-C is the normal end of a tail without a bound, so it does not count as an interruption. */
function exitCodeOf(plan: TailPlan, { reason }: TailResult): number {
  const { follow, count, durationMs, untilMs } = plan;
  const isEndless = follow && count === undefined && durationMs === undefined && untilMs === undefined;
  return reason === 'interrupted' && !isEndless ? EXIT_CODES.interrupted.code : EXIT_CODES.ok.code;
}

/** Reports progress and problems on standard error, so that standard output holds only records. */
class Messages implements TailNotes {
  readonly #plan: TailPlan;
  readonly #rewritesLines = process.stderr.isTTY && obeysEscapes(process.env);
  #readyText = '';
  #timer: NodeJS.Timeout | undefined;
  #reportedThrottling = false;
  #inTrouble = false;
  #statusLine = '';

  constructor(plan: TailPlan) {
    this.#plan = plan;
  }

  opened({ tail, location, method }: OpenTail): void {
    const { command, fromText, output, quiet } = this.#plan;
    const to = command === 'record' ? `, to ${output}` : '';
    this.#readyText = `${location}, from ${fromText}${method}${to}`;
    // If the records go elsewhere, a terminal shows the progress, and a log gets a line from time to time.
    const isElsewhere = output !== undefined || !process.stdout.isTTY;
    if (quiet || !isElsewhere) return;
    if (this.#rewritesLines) {
      this.#timer = setInterval(() => {
        this.#statusLine = progressText(tail.progress());
        process.stderr.write(`${CLEAR_LINE}${terminalText(this.#statusLine)}`);
      }, LINE_EVERY_MS);
    } else if (command === 'record') {
      this.#timer = setInterval(() => this.print(progressText(tail.progress())), LOG_EVERY_MS);
    }
  }

  closed(): void {
    clearInterval(this.#timer);
    if (this.#statusLine !== '') process.stderr.write(CLEAR_LINE);
    this.#statusLine = '';
  }

  print(text: string): void {
    const { command, quiet } = this.#plan;
    if (quiet) return;
    // Overwrites the status line, or the ^C that was typed.
    if (this.#rewritesLines) process.stderr.write(CLEAR_LINE);
    printLines(process.stderr, `kload ${command}: ${text}`);
  }

  waiting(text: string): void {
    this.print(text);
  }

  ready(shards: number): void {
    this.print(`${shards} ${this.#part}${shards === 1 ? '' : 's'} of ${this.#readyText}`);
  }

  resharded(shardId: string, children: readonly string[]): void {
    const became = children.length > 1 ? 'was split into' : 'was merged into';
    this.print(`shard ${shortShardId(shardId)} ${became} ${children.map(shortShardId).join(' and ')}`);
  }

  grown(ids: readonly string[]): void {
    this.print(`${this.#part}${ids.length === 1 ? '' : 's'} ${ids.join(', ')} ${ids.length === 1 ? 'is' : 'are'} new`);
  }

  lost(id: string, from: number, to: number): void {
    this.print(
      to > from
        ? `${this.#part} ${id}: offsets ${from} to ${to - 1} no longer exist, continuing after them`
        : `${this.#part} ${id} now ends at offset ${to}, before ${from}: continuing from there`,
    );
  }

  get #part(): string {
    return tailKind(this.#plan.source.kind).words.shard;
  }

  trouble({ kind, code, message }: Failure): void {
    if (kind === 'throttled') {
      if (!this.#reportedThrottling)
        this.print('reads are throttled because others also read this stream, continuing more slowly');
      this.#reportedThrottling = true;
      return;
    }
    if (!this.#inTrouble) {
      this.print(kind === 'unreachable' ? `no response (${code}), trying again` : `${code}: ${message}, trying again`);
    }
    this.#inTrouble = true;
  }

  recovered(): void {
    if (this.#inTrouble) this.print('recovered');
    this.#inTrouble = false;
  }
}
