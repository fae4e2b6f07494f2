import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '#dist/src/core/report.js';
import type { Probed } from '../programs/probe.js';
import { outputOf, startChild, withServer } from './child.js';
import { BenchError } from './errors.js';
import type { Cost } from './figures.js';
import { programFile, repositoryFile } from './files.js';
import { withTempDir } from './temp-dir.js';

export const KLOAD = repositoryFile('bin/kload.js');
const BUILT = repositoryFile('dist/bundle/cli.cjs');
const PROBE = programFile('probe');
const RUN_LIMIT_MS = 10 * 60_000;

const EXIT_INTERRUPTED = 130;
const BEGINNING_CHARACTERS = 10_000;
/** The dashboard begins by taking over the terminal's alternate screen. */
const ENTER_SCREEN = '\x1b[?1049h';
/** A line of progress begins with the run's seconds. */
const PROGRESS = /^ +\d+s /m;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The result of a run. */
export interface KloadRun extends Probed {
  readonly report: Report;
}

export interface KloadOptions {
  /** Runs kload in a pseudo-terminal of this size. */
  readonly terminal?: TerminalSize;
  /** The run is killed after this time. */
  readonly limitMs?: number;
  /**
   * Sends SIGINT this long after the run's first line of progress, so it must not be quiet. The run must exit as
   * interrupted, and may leave records unsent.
   */
  readonly stopAfterMs?: number;
  readonly started?: (pid: number) => void;
  /** Additional variables. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with what it prints. */
  readonly onOutput?: (text: string) => void;
}

/** Runs `kload run`. Throws a BenchError if it fails or its ledger does not add up. */
export function runKload(
  args: readonly string[],
  { terminal, limitMs = RUN_LIMIT_MS, stopAfterMs, started = () => {}, env = {}, onOutput }: KloadOptions = {},
): Promise<KloadRun> {
  requireBuild();
  const name = `kload run ${args.join(' ')}`;
  return withTempDir(async (directory) => {
    const reportFile = join(directory, 'report.json');
    const probeFile = join(directory, 'probe.json');
    const nodeArgs = ['--import', PROBE, KLOAD, 'run', ...args, '--report', reportFile];
    const [command, commandArgs] =
      terminal === undefined ? [process.execPath, nodeArgs] : inTerminal([process.execPath, ...nodeArgs], terminal);
    let beginning = '';
    const stops = stopAfterMs !== undefined;
    let stopTimer: NodeJS.Timeout | undefined;
    const child = startChild(command, commandArgs, {
      env: { ...env, KLOAD_BENCH_PROBE: probeFile, TERM: 'xterm-256color' },
      limitMs,
      onOutput: (text) => {
        onOutput?.(text);
        if (beginning.length < BEGINNING_CHARACTERS) beginning += text;
        if (stops && PROGRESS.test(beginning))
          stopTimer ??= setTimeout(() => child.process.kill('SIGINT'), stopAfterMs);
      },
    });
    started(child.process.pid ?? 0);
    const { code, tail } = await child.ended.finally(() => clearTimeout(stopTimer));
    if (code !== (stops ? EXIT_INTERRUPTED : 0)) throw new BenchError(`${name} ended with ${code}:\n${tail}`);
    const sawDashboard = beginning.includes(ENTER_SCREEN);
    const wantDashboard = terminal !== undefined && !args.includes('--quiet');
    if (sawDashboard !== wantDashboard) throw new BenchError(`${name} showed ${sawDashboard ? 'a' : 'no'} dashboard`);
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
    checkLedger(report, name, stops);
    return { report, ...(JSON.parse(readFileSync(probeFile, 'utf8')) as Probed) };
  });
}

/** A count of records, in tens of thousands, that takes about this long with these options on this machine. */
export async function countFor(args: readonly string[], seconds: number): Promise<number> {
  const { report } = await runKload([...args, '--duration', '2s', '--quiet']);
  return Math.max(10_000, Math.round((report.rps.achieved * seconds) / 10_000) * 10_000);
}

export function costOf({ report, cpuMs }: KloadRun): Cost {
  return { perSecond: report.rps.achieved, cpuUs: (cpuMs * 1000) / report.records.sent };
}

/** Runs `kload tail`. Throws a BenchError if it fails. */
export async function runTail(args: readonly string[]): Promise<void> {
  requireBuild();
  await outputOf({ name: `kload tail ${args.join(' ')}`, args: [KLOAD, 'tail', ...args], limitMs: RUN_LIMIT_MS });
}

/** Runs `kload emulate` in a process of its own while `use` runs. */
export function withEmulator<T>(args: readonly string[], use: (endpoint: string) => Promise<T>): Promise<T> {
  requireBuild();
  const emulate = [KLOAD, 'emulate', '--port', '0', ...args];
  const program = { name: 'kload emulate', args: emulate, limitMs: RUN_LIMIT_MS };
  return withServer(program, /emulated at (http:\/\/[^\s,]+)/, use);
}

/** The options that name an emulator. */
export function atEndpoint(endpoint: string): string[] {
  return ['--endpoint-url', endpoint, '--region', 'us-east-1'];
}

/** The options of a run to an emulator's stream `bench`. */
export function toStream(endpoint: string): string[] {
  return ['--stream', 'bench', ...atEndpoint(endpoint)];
}

/** Wraps a command in util-linux's `script`, which makes a pseudo-terminal and discards its output. */
function inTerminal(words: readonly string[], { columns, rows }: TerminalSize): [string, string[]] {
  const command = `stty cols ${columns} rows ${rows}; exec ${words.map(shellQuoted).join(' ')}`;
  return ['script', ['-qefc', command, '/dev/null']];
}

function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function requireBuild(): void {
  if (!existsSync(BUILT)) throw new BenchError('kload is not built: npm run build');
}

/** @param mayLeaveUnsent whether records may be unsent */
function checkLedger({ records }: Report, name: string, mayLeaveUnsent: boolean): void {
  const { read, sent, failed, rejected, unsent } = records;
  const allowed = mayLeaveUnsent ? unsent : 0;
  if (read === sent + failed + rejected + unsent && sent === read - allowed && read > 0) return;
  throw new BenchError(`${name}: not all records were sent, or the ledger is wrong: ${JSON.stringify(records)}`);
}
