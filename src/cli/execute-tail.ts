import type { TailPlan } from '../config/tail-plan.js';
import { EXIT_CODES } from '../core/errors.js';
import type { Failure } from '../core/failure.js';
import { obeysEscapes } from '../system/terminal.js';
import { terminalText } from '../system/terminal-text.js';
import { type OpenTail, openTail } from '../tail/open-tail.js';
import { shortShardId } from '../tail/record-format.js';
import { progressText, summarize, type TailResult } from '../tail/result.js';
import type { TailNotes } from '../tail/tail.js';
import { printLines } from './print.js';
import { onStopSignal } from './stop-signals.js';

const LINE_EVERY_MS = 500;
const LOG_EVERY_MS = 10_000;
const CLEAR_LINE = '\r\u001b[K';

/** Does a tail as it was planned, and gives its exit code. */
export async function executeTail(plan: TailPlan): Promise<number> {
  const stopping = new AbortController();
  let open: OpenTail | undefined;
  const stop = () => {
    // The second time nothing is waited for, but for the consumer that is to go.
    stopping.abort();
    const registers = plan.source.kind === 'kinesis' && plan.source.fanOut !== undefined;
    if (open === undefined && !registers) process.exit(EXIT_CODES.interrupted.code);
    open?.tail.stop();
  };
  const offSignals = onStopSignal(stop);
  // Nobody reads what is told: that ends the telling only.
  process.stderr.on('error', () => {});
  const teller = new Teller(plan);
  try {
    open = await openTail(plan, teller, stopping.signal);
    teller.opened(open);
    const result = await open.tail.run().finally(() => teller.closed());
    if (result.reason !== 'pipe') teller.tell(summarize(result));
    return exitCodeOf(plan, result);
  } catch (error) {
    if (open === undefined && stopping.signal.aborted) return EXIT_CODES.interrupted.code;
    throw error;
  } finally {
    await open?.close();
    offSignals();
  }
}

/** Who follows without a bound ends it by Ctrl-C: that is no interruption. */
function exitCodeOf(plan: TailPlan, { reason }: TailResult): number {
  const { follow, count, durationMs, untilMs } = plan;
  const isEndless = follow && count === undefined && durationMs === undefined && untilMs === undefined;
  return reason === 'interrupted' && !isEndless ? EXIT_CODES.interrupted.code : EXIT_CODES.ok.code;
}

/** Tells on standard error what goes on, so that standard output holds records alone. */
class Teller implements TailNotes {
  readonly #plan: TailPlan;
  readonly #rewritesLines = process.stderr.isTTY && obeysEscapes(process.env);
  #readyText = '';
  #timer: NodeJS.Timeout | undefined;
  #toldThrottling = false;
  #inTrouble = false;
  #statusLine = '';

  constructor(plan: TailPlan) {
    this.#plan = plan;
  }

  opened({ tail, place, manner }: OpenTail): void {
    const { command, fromText, output, quiet } = this.#plan;
    const to = command === 'record' ? `, to ${output}` : '';
    this.#readyText = `${place}, from ${fromText}${manner}${to}`;
    // Where the records go elsewhere, the terminal shows how far it has come; a log tells it now and then.
    const isElsewhere = output !== undefined || !process.stdout.isTTY;
    if (quiet || !isElsewhere) return;
    if (this.#rewritesLines) {
      this.#timer = setInterval(() => {
        this.#statusLine = progressText(tail.progress());
        process.stderr.write(`${CLEAR_LINE}${terminalText(this.#statusLine)}`);
      }, LINE_EVERY_MS);
    } else if (command === 'record') {
      this.#timer = setInterval(() => this.tell(progressText(tail.progress())), LOG_EVERY_MS);
    }
  }

  closed(): void {
    clearInterval(this.#timer);
    if (this.#statusLine !== '') process.stderr.write(CLEAR_LINE);
    this.#statusLine = '';
  }

  tell(text: string): void {
    const { command, quiet } = this.#plan;
    if (quiet) return;
    // A terminal shows the status there, or the ^C that was typed.
    if (this.#rewritesLines) process.stderr.write(CLEAR_LINE);
    printLines(process.stderr, `kload ${command}: ${text}`);
  }

  waiting(text: string): void {
    this.tell(text);
  }

  ready(shards: number): void {
    this.tell(`${shards} ${this.#part}${shards === 1 ? '' : 's'} of ${this.#readyText}`);
  }

  resharded(shardId: string, children: readonly string[]): void {
    const became = children.length > 1 ? 'was split into' : 'was merged into';
    this.tell(`shard ${shortShardId(shardId)} ${became} ${children.map(shortShardId).join(' and ')}`);
  }

  grown(ids: readonly string[]): void {
    this.tell(`${this.#part}${ids.length === 1 ? '' : 's'} ${ids.join(', ')} ${ids.length === 1 ? 'is' : 'are'} new`);
  }

  lost(id: string, from: number, to: number): void {
    this.tell(
      to > from
        ? `${this.#part} ${id}: offsets ${from} to ${to - 1} are not there any more, it goes on behind them`
        : `${this.#part} ${id} ends at offset ${to} now, before ${from}: it goes on from there`,
    );
  }

  get #part(): string {
    return this.#plan.source.kind === 'kafka' ? 'partition' : 'shard';
  }

  trouble({ kind, code, message }: Failure): void {
    if (kind === 'throttled') {
      if (!this.#toldThrottling) this.tell('reads are throttled, others read this stream too: it goes on more slowly');
      this.#toldThrottling = true;
      return;
    }
    if (!this.#inTrouble) {
      this.tell(kind === 'unreachable' ? `no answer (${code}), trying again` : `${code}: ${message}, trying again`);
    }
    this.#inTrouble = true;
  }

  recovered(): void {
    if (this.#inTrouble) this.tell('goes on');
    this.#inTrouble = false;
  }
}
