import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { LiveView, RunControls } from '../core/live.js';
import { BorrowedTerminal } from './borrowed-terminal.js';
import { FrameGate } from './frame-gate.js';
import {
  type Chosen,
  type Command,
  packView,
  type ThreadData,
  type ThreadMessage,
  type ViewMessage,
} from './messages.js';

const VIEW_EVERY_MS = 500;
/** A frame that takes long is drawn less often: the next one waits this many times as long, at most a second. */
const REST_PER_FRAME = 10;
const REST_MAX_MS = 1000;
/** A run does not wait longer for its dashboard. */
const READY_TIMEOUT_MS = 3000;
/**
 * Ink keeps every text that it has ever measured: 10 to 40 MB an hour. A thread that has grown to this is replaced by a
 * new one, which takes a few tenths of a second and does not show.
 */
const HEAP_MAX_MB = 96;

export interface DashboardOptions {
  readonly view: () => LiveView;
  readonly controls: RunControls;
  /** The dashboard has failed, and the terminal is as it was before. Called at most once, and not after `stop()`. */
  readonly failed: (error: unknown) => void;
  readonly viewEveryMs?: number;
  readonly heapMaxMb?: number;
}

export interface Dashboard {
  /** Restores the terminal. A second call does nothing. */
  stop(): Promise<void>;
}

/**
 * Shows the run on the terminal of this process, in a thread of its own, until `stop()`. Resolves when the first view
 * is drawn: loading Ink takes a few tenths of a second of a processor, which would otherwise delay the first records.
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const dashboard = new ThreadedDashboard(options);
  const timeout = setTimeout(dashboard.setReady, READY_TIMEOUT_MS);
  await dashboard.ready;
  clearTimeout(timeout);
  return dashboard;
}

class ThreadedDashboard implements Dashboard {
  setReady = (): void => {};
  /** Resolves when the first view is drawn, or when the dashboard has failed. */
  readonly ready = new Promise<void>((resolve) => {
    this.setReady = resolve;
  });
  readonly #options: Required<DashboardOptions>;
  readonly #terminal = new BorrowedTerminal(() => this.#gate.close());
  readonly #timer: NodeJS.Timeout;
  #gate = new FrameGate();
  #chosen: Chosen = { helpPage: undefined, span: 'recent' };
  #worker: Worker | undefined;
  /** The thread has not drawn the last view yet: it gets no other, so that views never queue. */
  #isDrawing = false;
  /** When the last view was sent, and how long until the next one. */
  #sentAtMs = 0;
  #restMs = 0;
  /** The terminal was resized while the thread was drawing. */
  #isResized = false;

  constructor(options: DashboardOptions) {
    this.#options = { viewEveryMs: VIEW_EVERY_MS, heapMaxMb: HEAP_MAX_MB, ...options };
    this.#startThread();
    this.#timer = setInterval(this.#sendNextView, this.#options.viewEveryMs);
    process.stdout.on('resize', this.#resized);
    this.#sendView();
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#end();
    await worker?.terminate();
  }

  #startThread(): void {
    const colour = isColourWanted(process.env);
    const workerData: ThreadData = { gate: this.#gate.shared, chosen: this.#chosen, colour };
    const worker = new Worker(createRequire(import.meta.url).resolve('#dashboard'), {
      workerData,
      env: environmentOf(process.env, colour),
      // A warning would be written across the frame.
      stdout: true,
      stderr: true,
      // Twice the heap at which the thread is replaced.
      resourceLimits: { maxOldGenerationSizeMb: 2 * this.#options.heapMaxMb },
    });
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('message', (message: ThreadMessage) => this.#handle(message));
    worker.on('error', (error) => this.#fail(worker, error));
    worker.on('exit', (code) => this.#fail(worker, new Error(`its thread ended with code ${code}`)));
    this.#worker = worker;
    this.#isDrawing = false;
  }

  #handle(message: ThreadMessage): void {
    if (this.#worker === undefined) return;
    switch (message.kind) {
      case 'command':
        callControl(this.#options.controls, message.command);
        break;
      case 'chosen':
        this.#chosen = message.chosen;
        break;
      case 'drawn':
        this.setReady();
        this.#isDrawing = false;
        this.#restMs = Math.min(REST_MAX_MS, REST_PER_FRAME * message.tookMs);
        if (message.heapBytes > this.#options.heapMaxMb * 2 ** 20) this.#replaceThread(this.#worker);
        if (this.#isResized) this.#sendView();
    }
  }

  /** The last frame stays on the screen, and keys wait in the terminal, until the new thread draws. */
  #replaceThread(old: Worker): void {
    this.#gate.close();
    this.#gate = new FrameGate();
    old.removeAllListeners('error').removeAllListeners('exit');
    this.#isDrawing = true;
    void old.terminate().then(() => {
      if (this.#worker !== old) return;
      this.#startThread();
      this.#sendView();
    });
  }

  readonly #resized = (): void => {
    this.#isResized = true;
    this.#sendView();
  };

  readonly #sendNextView = (): void => {
    if (performance.now() - this.#sentAtMs >= this.#restMs) this.#sendView();
  };

  readonly #sendView = (): void => {
    if (this.#isDrawing || this.#worker === undefined) return;
    const { columns = 80, rows = 24 } = process.stdout;
    this.#isDrawing = true;
    this.#isResized = false;
    this.#sentAtMs = performance.now();
    try {
      const message: ViewMessage = { view: packView(this.#options.view()), size: { columns, rows } };
      this.#worker.postMessage(message);
    } catch (error) {
      this.#fail(this.#worker, error);
    }
  };

  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#end();
    void worker.terminate();
    this.#options.failed(error);
    this.setReady();
  }

  #end(): void {
    this.#worker = undefined;
    clearInterval(this.#timer);
    process.stdout.off('resize', this.#resized);
    this.#terminal.leave();
  }
}

function callControl(controls: RunControls, command: Command): void {
  if (command[0] === 'scaleRate') controls.scaleRate(command[1]);
  else controls[command[0]]();
}

/** https://no-color.org: a NO_COLOR that is not empty turns colours off. */
function isColourWanted(env: NodeJS.ProcessEnv): boolean {
  return !env.NO_COLOR;
}

/**
 * The thread's environment. Ink draws nothing where CI is set, React's development build is several times slower, and
 * the thread cannot ask the terminal, so its colours are the sixteen of the theme.
 */
function environmentOf(env: NodeJS.ProcessEnv, colour: boolean): NodeJS.ProcessEnv {
  const { CI: _, CONTINUOUS_INTEGRATION: __, ...rest } = env;
  return { ...rest, NODE_ENV: 'production', FORCE_COLOR: colour ? env.FORCE_COLOR || '1' : '0' };
}
