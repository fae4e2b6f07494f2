import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const OUTPUT_MAX = 20_000;
const WAIT_MAX_MS = 90_000;

/**
 * Programs that run beside each other and report what they see as lines of JSON, and what was reported so far: tests
 * wait for it to hold what they look for.
 */
export class Programs<Line> implements AsyncDisposable {
  readonly lines: Line[] = [];
  readonly #children = new Map<string, ChildProcessByStdio<null, Readable, Readable>>();
  /** What each program wrote that is no line of JSON, or the end of it. */
  readonly #outputs = new Map<string, string>();
  readonly #ended: Promise<unknown>[] = [];
  readonly #waiting = new Set<() => void>();
  #isLooking = false;
  #failure: Error | undefined;

  /** @param name what it is called in failures, and to kill it by */
  start(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = () => this.#outputs.get(name) ?? '';
    const keep = (text: string) => {
      this.#outputs.set(name, (output() + text).slice(-OUTPUT_MAX));
    };
    child.stderr.setEncoding('utf8').on('data', keep);
    createInterface({ input: child.stdout }).on('line', (text) => {
      if (!text.startsWith('{')) return keep(`${text}\n`);
      this.lines.push(JSON.parse(text) as Line);
      this.#look();
    });
    this.#children.set(name, child);
    this.#ended.push(
      once(child, 'close').then(([code, signal]) => {
        if (!this.#children.delete(name)) return;
        this.#failure ??= new Error(`${name} ended with ${signal ?? `exit code ${code}`}:\n${output()}`);
        this.#look();
      }),
    );
  }

  /**
   * Resolves when what was reported satisfies; rejects when a program ends that nobody has killed, or after a time in
   * which even a slow machine gets there.
   * @param what is waited for, for failures
   */
  until(what: string, satisfies: (lines: readonly Line[]) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        act();
      };
      const look = () => {
        if (this.#failure !== undefined) end(() => reject(this.#failure));
        else if (satisfies(this.lines)) end(resolve);
      };
      const timer = setTimeout(() => {
        const outputs = [...this.#outputs].map(([name, output]) => `${name}:\n${output}`).join('\n');
        end(() => reject(new Error(`not within ${WAIT_MAX_MS} ms: ${what}\n${outputs}`)));
      }, WAIT_MAX_MS);
      this.#waiting.add(look);
      look();
    });
  }

  /** Without a chance to end in order. */
  kill(name: string): void {
    const child = this.#children.get(name);
    this.#children.delete(name);
    child?.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [...this.#children.keys()]) this.kill(name);
    await Promise.all(this.#ended);
  }

  /** Once for all lines that have come together. */
  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setImmediate(() => {
      this.#isLooking = false;
      for (const look of [...this.#waiting]) look();
    });
  }
}
