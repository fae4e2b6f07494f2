import { spawn } from 'node:child_process';
import { atExit } from './cleanup.js';
import { BenchError } from './errors.js';

/** How much of the end of a child's output is kept for error messages. */
const KEPT_CHARACTERS = 4_000;

/**
 * @typedef {object} Ended
 * @property {number | null} code
 * @property {string} tail the end of its standard output and standard error, interleaved
 */

/**
 * A process that is killed when this one ends.
 * @typedef {object} Child
 * @property {import('node:child_process').ChildProcess} process
 * @property {Promise<Ended>} ended rejects with a BenchError if it could not be started or took too long
 */

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string | undefined} [options.cwd]
 * @param {number} options.limitMs the process is killed after this time
 * @param {(text: string) => void} [options.onOutput]
 * @returns {Child}
 */
export function startChild(command, args, { env = {}, cwd, limitMs, onOutput = () => {} }) {
  const child = spawn(command, args, { cwd, env: { ...quietEnv(), ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise((resolve, reject) => {
    let tail = '';
    let tooLong = false;
    const removed = atExit(() => child.kill('SIGKILL'));
    const timer = setTimeout(() => {
      tooLong = true;
      child.kill('SIGKILL');
    }, limitMs);
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
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

/** The environment without variables that configure kload, the SDK or Node. @returns {NodeJS.ProcessEnv} */
function quietEnv() {
  const others = Object.entries(process.env).filter(([name]) => !/^(KLOAD_|AWS_|NODE_OPTIONS$|NODE_ENV$)/.test(name));
  return { ...Object.fromEntries(others), AWS_EC2_METADATA_DISABLED: 'true' };
}
