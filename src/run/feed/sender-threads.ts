import { createRequire } from 'node:module';
import { Piscina } from 'piscina';
import type { SenderTask } from '../between/messages.js';

/** What one load gives a thread to do. */
interface Asked {
  readonly task: SenderTask;
  readonly resolve: (ended: Promise<void>) => void;
}

/**
 * The threads of the workers. Each runs one task, as long as the run: a sender for each load. The senders of a thread
 * are asynchronous, and share its event loop.
 */
export class SenderThreads {
  readonly count: number;
  /** How many loads share the threads. */
  readonly loads: number;
  readonly #piscina: Piscina<readonly SenderTask[], void>;
  /** The senders that each thread was asked to run, until every load has asked. */
  readonly #asked: Asked[][];
  #users: number;

  /**
   * Starts the threads.
   *
   * @param filename the module that they run; by default kload's own sender
   */
  constructor(count: number, loads = 1, filename = createRequire(import.meta.url).resolve('#sender')) {
    this.count = count;
    this.loads = loads;
    this.#users = loads;
    this.#asked = Array.from({ length: count }, () => []);
    this.#piscina = new Piscina({
      filename,
      minThreads: count,
      maxThreads: count,
      // Piscina's default wait for work would block the sockets and timers of a worker.
      atomics: 'disabled',
      // The queue bounds what a worker holds: a larger young generation would cost memory and gain no speed.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
  }

  /**
   * Runs a sender in a thread, beside those of the other loads: it begins when all loads have asked for theirs.
   *
   * @returns settles with the senders of the thread
   */
  async run(task: SenderTask): Promise<void> {
    const asked = this.#asked[task.workerId]!;
    const ended = new Promise<void>((resolve) => asked.push({ task, resolve }));
    if (asked.length === this.loads) {
      const tasks = asked.map((one) => one.task);
      const thread = this.#piscina.run(tasks, { transferList: tasks.map(({ port }) => port) });
      for (const { resolve } of asked) resolve(thread);
    }
    return ended;
  }

  /** Ends the threads, once each load has released them. */
  async release(): Promise<void> {
    this.#users--;
    if (this.#users <= 0) await this.#piscina.destroy();
  }

  /** Ends the threads at once. */
  async destroy(): Promise<void> {
    this.#users = 0;
    await this.#piscina.destroy();
  }
}
