import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Served, serve, TRANSPORTS, type Transport } from './transports.js';

/**
 * A program of checks in another language. With `--list` it prints the names of its checks as a JSON array; without it,
 * it runs them in that order against $KLOAD_ENDPOINT and prints a line of JSON after each: `{"check": name}`,
 * with `"error": text` where the check failed.
 */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

interface Line {
  readonly check: string;
  readonly error?: string;
}

/** Makes a test of each of a program's checks, over each transport, against an emulator of their own. */
export function describeChecks(
  name: string,
  program: Program,
  run: (served: Served, transport: Transport) => { readonly program: Program; readonly env: NodeJS.ProcessEnv },
): void {
  const checks: string[] = JSON.parse(execFileSync(program.command, [...program.args, '--list'], { encoding: 'utf8' }));
  describe.each(TRANSPORTS)(`${name}, %s`, (transport) => {
    let served: Served;
    let running: RunningChecks;

    beforeAll(async () => {
      served = await serve();
      const { program, env } = run(served, transport);
      running = new RunningChecks(program, { ...env, KLOAD_ENDPOINT: served[transport] });
    });

    afterAll(async () => {
      await running?.end();
      await served?.[Symbol.asyncDispose]();
    });

    test.each(checks)('%s', (check) => running.passed(check));
    test('ends well', () => running.endedWell());
  });
}

class RunningChecks {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<unknown[]>;
  readonly #lines = new Map<string, Line>();
  readonly #waiting = new Map<string, (line: Line) => void>();
  #output = '';

  constructor({ command, args }: Program, env: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = createInterface({ input: this.#child.stdout }).on('line', (text) => this.#read(text));
    this.#ended = Promise.all([once(this.#child, 'close'), once(lines, 'close')]).then(([ended]) => ended);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
  }

  /**
   * Resolves once the check has passed; rejects with what it reported, or when the program ends without a word of it.
   */
  async passed(check: string): Promise<void> {
    const line = await (this.#lines.get(check) ?? this.#lineOf(check));
    if (line.error !== undefined) throw new Error(line.error);
  }

  async endedWell(): Promise<void> {
    const [code, signal] = await this.#ended;
    if (code !== 0) throw new Error(`the program ended with ${signal ?? `exit code ${code}`}:\n${this.#output}`);
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async #lineOf(check: string): Promise<Line> {
    const said = new Promise<Line>((resolve) => this.#waiting.set(check, resolve));
    const ended = this.#ended.then(
      () => this.#lines.get(check) ?? { check, error: `the program ended before this check:\n${this.#output}` },
    );
    return Promise.race([said, ended]);
  }

  #read(text: string): void {
    if (!text.startsWith('{"check"')) {
      this.#output += `${text}\n`;
      return;
    }
    const line: Line = JSON.parse(text);
    this.#lines.set(line.check, line);
    this.#waiting.get(line.check)?.(line);
  }
}
