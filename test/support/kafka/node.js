// @ts-check
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { javaArgs, PROGRAM } from './java.js';

const STARTED = /Kafka Server started/;

/** One broker, in a JVM of its own. */
export class KafkaNode {
  /** The lines it has written since its first start. @type {string[]} */
  lines = [];
  /** @type {readonly string[]} */
  #args;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  /** @type {Promise<unknown>} */
  #ended = Promise.resolve();
  #news = new EventEmitter();

  /**
   * @param {{ propertiesFile: string, folder: string, format: readonly string[], jvm?: readonly string[] | undefined }}
   * node
   */
  constructor({ propertiesFile, folder, format, jvm }) {
    this.#args = javaArgs(PROGRAM, ['serve', propertiesFile, folder, ...format], jvm);
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Resolves once the broker accepts clients. */
  async start() {
    const from = this.lines.length;
    const child = spawn('java', this.#args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#ended = once(child, 'close').then(() => {
      this.#child = undefined;
      this.#news.emit('news');
    });
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        this.lines.push(line);
        this.#news.emit('news');
      });
    }
    await this.said(STARTED, from);
  }

  /**
   * Resolves with the first line that matches, from index `from` on; rejects if the broker ends first.
   * @param {RegExp} pattern
   * @param {number} [from] an index of `lines`
   */
  async said(pattern, from = 0) {
    for (;;) {
      const line = this.lines.slice(from).find((text) => pattern.test(text));
      if (line !== undefined) return line;
      if (this.#child === undefined) throw new Error(`the broker ended:\n${this.lines.slice(from).join('\n')}`);
      await once(this.#news, 'news');
    }
  }

  /** Ends the broker and waits until it has ended. @param {'SIGTERM' | 'SIGKILL'} [signal] */
  async stop(signal = 'SIGTERM') {
    this.#child?.kill(signal);
    await this.#ended;
  }
}
