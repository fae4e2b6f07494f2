import { fileURLToPath } from 'node:url';
import { startChild } from './child.js';
import { BenchError } from './errors.js';

const PASS = fileURLToPath(new URL('read-pass.js', import.meta.url));
const PASS_LIMIT_MS = 5 * 60_000;

/** @typedef {{ rows: number, keyBytes: number, cpuMs: number, wallMs: number }} Pass */

/**
 * Reads a file once, in a process of its own.
 * @param {string} reader
 * @param {string} path
 * @param {string} warmUp a small file of the same kind, which is read first
 * @returns {Promise<Pass>}
 */
export async function readPass(reader, path, warmUp) {
  let output = '';
  const child = startChild(process.execPath, [PASS, reader, path, warmUp], {
    limitMs: PASS_LIMIT_MS,
    onOutput: (text) => {
      output += text;
    },
  });
  const { code, tail } = await child.ended;
  if (code !== 0) throw new BenchError(`reading ${path} with ${reader} ended with ${code}:\n${tail}`);
  return JSON.parse(output);
}
