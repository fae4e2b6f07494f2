import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.js';
import { BenchError } from './errors.js';
import { withTempDir } from './temp-dir.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KLOAD = join(ROOT, 'bin/kload.js');
const PROBE = join(ROOT, 'bench/support/probe.js');
const RUN_LIMIT_MS = 10 * 60_000;

const EXIT_INTERRUPTED = 130;
const BEGINNING_CHARACTERS = 10_000;
/** The dashboard begins by taking over the terminal's alternate screen. */
const ENTER_SCREEN = '\x1b[?1049h';

/**
 * @typedef {{ readonly columns: number, readonly rows: number }} TerminalSize
 */

/**
 * The result of a run.
 * @typedef {object} KloadRun
 * @property {import('../../dist/src/core/report.js').Report} report
 * @property {number} cpuMs processor time of all threads
 * @property {number | null} peakRssKib of the whole process; null if there is no /proc
 */

/**
 * Runs `kload run`. Throws a BenchError if it fails or its ledger does not add up.
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {TerminalSize} [options.terminal] runs kload in a pseudo-terminal of this size
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} [options.limitMs] the run is killed after this time
 * @param {number} [options.stopAfterMs] sends SIGINT this long after the run's first output, so it must not be quiet.
 *   The run must exit as interrupted, and may leave records unsent
 * @param {(pid: number) => void} [options.started]
 * @returns {Promise<KloadRun>}
 */
export function runKload(args, { terminal, env = {}, limitMs = RUN_LIMIT_MS, stopAfterMs, started = () => {} } = {}) {
  requireBuild();
  return withTempDir(async (directory) => {
    const reportFile = join(directory, 'report.json');
    const probeFile = join(directory, 'probe.json');
    const nodeArgs = ['--import', PROBE, KLOAD, 'run', ...args, '--report', reportFile];
    const [command, commandArgs] =
      terminal === undefined ? [process.execPath, nodeArgs] : inTerminal([process.execPath, ...nodeArgs], terminal);
    let beginning = '';
    const stops = stopAfterMs !== undefined;
    /** @type {NodeJS.Timeout | undefined} */
    let stopTimer: NodeJS.Timeout | undefined;
    const child = startChild(command, commandArgs, {
      env: { ...env, KLOAD_BENCH_PROBE: probeFile, TERM: 'xterm-256color' },
      limitMs,
      onOutput: (text) => {
        if (beginning.length < BEGINNING_CHARACTERS) beginning += text;
        if (stops) stopTimer ??= setTimeout(() => child.process.kill('SIGINT'), stopAfterMs);
      },
    });
    started(child.process.pid ?? 0);
    const { code, tail } = await child.ended.finally(() => clearTimeout(stopTimer));
    if (code !== (stops ? EXIT_INTERRUPTED : 0))
      throw new BenchError(`kload run ${args.join(' ')} ended with ${code}:\n${tail}`);
    const sawDashboard = beginning.includes(ENTER_SCREEN);
    const wantDashboard = terminal !== undefined && !args.includes('--quiet');
    if (sawDashboard !== wantDashboard) {
      throw new BenchError(`kload run ${args.join(' ')} showed ${sawDashboard ? 'a' : 'no'} dashboard`);
    }
    const report = JSON.parse(readFileSync(reportFile, 'utf8'));
    checkLedger(report, args, stops);
    return { report, ...JSON.parse(readFileSync(probeFile, 'utf8')) };
  });
}

/**
 * Runs `kload tail`. Throws a BenchError if it fails.
 * @param {readonly string[]} args
 * @param {{ readonly env: NodeJS.ProcessEnv }} options
 */
export async function runTail(args, { env }) {
  requireBuild();
  const { ended } = startChild(process.execPath, [KLOAD, 'tail', ...args], { env, limitMs: RUN_LIMIT_MS });
  const { code, tail } = await ended;
  if (code !== 0) throw new BenchError(`kload tail ${args.join(' ')} ended with ${code}:\n${tail}`);
}

/**
 * Runs `kload emulate` in a process of its own while `use` runs.
 * @template T
 * @param {readonly string[]} args
 * @param {(endpoint: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withEmulator(args, use) {
  requireBuild();
  let output = '';
  /** @type {(endpoint: string) => void} */
  let found = () => {};
  /** @type {Promise<string>} */
  const endpoint = new Promise((resolve) => {
    found = resolve;
  });
  const { process: emulator, ended } = startChild(process.execPath, [KLOAD, 'emulate', '--port', '0', ...args], {
    limitMs: RUN_LIMIT_MS,
    onOutput: (text) => {
      output += text;
      const url = /emulated at (http:\/\/[^\s,]+)/.exec(output)?.[1];
      if (url !== undefined) found(url);
    },
  });
  const early = ended.then(({ code, tail }) => {
    throw new BenchError(`kload emulate ended with ${code}:\n${tail}`);
  });
  try {
    return await Promise.race([endpoint.then(use), early]);
  } finally {
    early.catch(() => {});
    emulator.kill('SIGTERM');
    await ended.catch(() => {});
  }
}

/**
 * Wraps a command in util-linux's `script`, which makes a pseudo-terminal and discards its output.
 * @param {readonly string[]} words
 * @param {TerminalSize} size
 * @returns {[string, string[]]}
 */
function inTerminal(words, { columns, rows }) {
  const command = `stty cols ${columns} rows ${rows}; exec ${words.map(shellQuoted).join(' ')}`;
  return ['script', ['-qefc', command, '/dev/null']];
}

/** @param {string} word */
function shellQuoted(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function requireBuild() {
  if (!existsSync(join(ROOT, 'dist/bundle/cli.cjs'))) throw new BenchError('kload is not built: npm run build');
}

/**
 * @param {import('../../dist/src/core/report.js').Report} report
 * @param {readonly string[]} args
 * @param {boolean} mayLeaveUnsent whether records may be unsent
 */
function checkLedger({ records }, args, mayLeaveUnsent) {
  const { read, sent, failed, rejected, unsent } = records;
  const allowed = mayLeaveUnsent ? unsent : 0;
  if (read === sent + failed + rejected + unsent && sent === read - allowed && read > 0) return;
  throw new BenchError(
    `kload run ${args.join(' ')}: not all records were sent, or the ledger is wrong: ${JSON.stringify(records)}`,
  );
}
