import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { missingLine } from './output.js';

const WAIT_MAX_MS = 120_000;
const END_MAX_MS = 10_000;

/** A bash and what it printed. Its processes are a process group, so that none is left behind. */
export class Terminal implements AsyncDisposable {
  readonly #bash: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #closed: Promise<void>;
  #isClosed = false;
  #exitCode: number | null = null;
  #output = '';
  /** Called when there is more output, or the shell has ended. */
  #wake = () => {};

  constructor(cwd: string, env: NodeJS.ProcessEnv, command?: string) {
    const args = ['--noprofile', '--norc', ...(command === undefined ? [] : ['-c', command])];
    this.#bash = spawn('bash', args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#closed = once(this.#bash, 'close').then(([exitCode]) => {
      this.#isClosed = true;
      this.#exitCode = exitCode as number | null;
      this.#wake();
    });
    const keep = (text: string) => {
      this.#output += text;
      this.#wake();
    };
    this.#bash.stdout.setEncoding('utf8').on('data', keep);
    this.#bash.stderr.setEncoding('utf8').on('data', keep);
    this.#bash.stdin.on('error', () => {});
  }

  get output(): string {
    return this.#output;
  }

  type(line: string): void {
    this.#bash.stdin.write(`${line}\n`);
  }

  /** Resolves once all lines that a page shows were printed, from an offset on. */
  async prints(shown: string, from = 0): Promise<void> {
    const missing = () => missingLine(shown, this.#output.slice(from));
    const isThere = await this.#until(() => missing() === undefined);
    if (!isThere) throw new Error(`not printed: ${missing()}\nprinted:\n${this.#output.slice(from)}`);
  }

  /** Resolves once a line was printed, word for word, from an offset on. */
  async printsLine(line: string, from: number): Promise<void> {
    const isThere = await this.#until(() => this.#output.slice(from).includes(`\n${line}\n`));
    if (!isThere) throw new Error(`the block did not end; printed:\n${this.#output.slice(from)}`);
  }

  /** Resolves with the exit code once the shell has ended. */
  async ends(): Promise<number | null> {
    if (!(await this.#endsWithin(WAIT_MAX_MS))) throw new Error(`it did not end; printed:\n${this.#output}`);
    return this.#exitCode;
  }

  async pressCtrlC(): Promise<void> {
    this.#signal('SIGINT');
    if (!(await this.#endsWithin(END_MAX_MS))) throw new Error(`Ctrl-C did not end it; printed:\n${this.#output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal('SIGTERM');
    if (await this.#endsWithin(END_MAX_MS)) return;
    this.#signal('SIGKILL');
    await this.#closed;
  }

  async #until(isTrue: () => boolean): Promise<boolean> {
    const deadline = AbortSignal.timeout(WAIT_MAX_MS);
    while (!isTrue() && !this.#isClosed && !deadline.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.onabort = () => resolve();
      });
    }
    deadline.onabort = null;
    return isTrue();
  }

  async #endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.#closed, timeout]);
    clearTimeout(timer);
    return this.#isClosed;
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#bash;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // All processes of the group have ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
