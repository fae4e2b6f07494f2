import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../src/core/report.js';

const BIN = fileURLToPath(new URL('../../bin/kload.js', import.meta.url));

/** The environment for kload in tests: without this machine's AWS configuration and without the metadata service. */
const ENV: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running kload process. */
export interface Kload {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output matches; rejects if the process ends first. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** The same for standard error. */
  printedError(pattern: RegExp): Promise<RegExpExecArray>;
  [Symbol.asyncDispose](): Promise<void>;
}

export function startKload(args: readonly string[], env: NodeJS.ProcessEnv = {}): Kload {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...ENV, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const printedTo = async (stream: Readable, text: () => string, pattern: RegExp) => {
    for (;;) {
      const match = pattern.exec(text());
      if (match !== null) return match;
      const end = await Promise.race([once(stream, 'data').then(() => undefined), ended]);
      if (end !== undefined) throw new Error(`kload ended before it printed ${pattern}:\n${stdout}${stderr}`);
    }
  };
  return {
    child,
    ended,
    printed: (pattern) => printedTo(child.stdout, () => stdout, pattern),
    printedError: (pattern) => printedTo(child.stderr, () => stderr, pattern),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs kload and waits until it ends. */
export function kload(args: readonly string[], input?: string | Buffer, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const running = startKload(args, env);
  running.child.stdin.on('error', () => {});
  running.child.stdin.end(input);
  return running.ended;
}

/** Starts `kload emulate` in a process of its own on a free port. */
export function startEmulator(...args: string[]): Promise<Kload & { readonly endpoint: string }> {
  return startEmulatorIn({}, ...args);
}

/** Like `startEmulator`, with additional environment variables. */
export async function startEmulatorIn(
  env: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<Kload & { readonly endpoint: string }> {
  const running = startKload(['emulate', '--port', '0', ...args], env);
  const [, endpoint = ''] = await running.printed(/emulated at (http:\S+?),?\s/);
  return Object.assign(running, { endpoint });
}

/** A temporary folder that is removed with `using`. */
export function folder(): { path(name: string): string; [Symbol.dispose](): void } {
  const root = mkdtempSync(join(tmpdir(), 'kload-test-'));
  return {
    path: (name) => join(root, name),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

/** Throws unless the ledger adds up. */
export function ledgerOf(report: Report): Report['records'] {
  const { records } = report;
  const { read, sent, failed, rejected, unsent } = records;
  if (read !== sent + failed + rejected + unsent) throw new Error(`the ledger is off: ${JSON.stringify(records)}`);
  return records;
}
