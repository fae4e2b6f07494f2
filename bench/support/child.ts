import { type ChildProcess, spawn } from 'node:child_process';
import { atExit } from './cleanup.js';
import { BenchError } from './errors.js';

/** How much of the end of a child's output is kept for error messages. */
const KEPT_CHARACTERS = 4_000;

interface Ended {
  readonly code: number | null;
  /** The end of its standard output and standard error, interleaved. */
  readonly tail: string;
}

/** A process that is killed when this one ends. */
interface Child {
  readonly process: ChildProcess;
  /** Rejects with a BenchError if it could not be started or took too long. */
  readonly ended: Promise<Ended>;
}

interface ChildOptions {
  /** Additional variables. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  /** The process is killed after this time. */
  readonly limitMs: number;
  readonly onOutput?: (text: string) => void;
}

export function startChild(
  command: string,
  args: readonly string[],
  { env = {}, cwd, limitMs, onOutput = () => {} }: ChildOptions,
): Child {
  const child = spawn(command, args, { cwd, env: { ...quietEnv(), ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<Ended>((resolve, reject) => {
    let tail = '';
    let tooLong = false;
    const removed = atExit(() => child.kill('SIGKILL'));
    const timer = setTimeout(() => {
      tooLong = true;
      child.kill('SIGKILL');
    }, limitMs);
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => {
        tail = (tail + text).slice(-KEPT_CHARACTERS);
        onOutput(text);
      });
    }
    child.stdin.on('error', () => {});
    child.on('error', (error) => {
      clearTimeout(timer);
      removed();
      reject(new BenchError(`${command} could not be started: ${error.message}`));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      removed();
      if (tooLong) reject(new BenchError(`${command} was killed after ${limitMs / 1000} s. Its last output:\n${tail}`));
      else resolve({ code, tail });
    });
  });
  return { process: child, ended };
}

/** A program to run, and what error messages call it. */
interface Program {
  readonly name: string;
  readonly command?: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly limitMs: number;
}

/** Starts a program, by default of node. `output` resolves with what it printed, and rejects unless it ended with 0. */
export function startProgram({ name, command = process.execPath, args, ...options }: Program): {
  readonly process: ChildProcess;
  readonly output: Promise<string>;
} {
  let text = '';
  const child = startChild(command, args, {
    ...options,
    onOutput: (more) => {
      text += more;
    },
  });
  const output = child.ended.then(({ code, tail }) => {
    if (code !== 0) throw new BenchError(`${name} ended with ${code}:\n${tail}`);
    return text;
  });
  return { process: child.process, output };
}

/** Runs a program to its end. Returns what it printed. */
export function outputOf(program: Program): Promise<string> {
  return startProgram(program).output;
}

/**
 * Runs a server in a process of its own while `use` runs.
 *
 * @param ready matches what it prints once it listens; `use` gets the first group
 */
export async function withServer<T>(
  { name, command = process.execPath, args, ...options }: Program,
  ready: RegExp,
  use: (found: string) => Promise<T>,
): Promise<T> {
  let output = '';
  let resolve: (found: string) => void = () => {};
  const listening = new Promise<string>((settle) => {
    resolve = settle;
  });
  const { process: server, ended } = startChild(command, args, {
    ...options,
    onOutput: (text) => {
      output += text;
      const found = ready.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    },
  });
  const early = ended.then(({ code, tail }) => {
    throw new BenchError(`${name} ended with ${code}:\n${tail}`);
  });
  try {
    return await Promise.race([listening.then(use), early]);
  } finally {
    early.catch(() => {});
    server.kill('SIGTERM');
    await ended.catch(() => {});
  }
}

/** The environment without variables that configure kload, the SDK or Node. The emulators accept any credentials. */
function quietEnv(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^(KLOAD_|AWS_|NODE_OPTIONS$|NODE_ENV$)/.test(name));
  return {
    ...Object.fromEntries(others),
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
