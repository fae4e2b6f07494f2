import type { Pass } from '../programs/read-pass.js';
import { outputOf } from './child.js';
import { programFile } from './files.js';

const PASS = programFile('read-pass');
const PASS_LIMIT_MS = 5 * 60_000;

/**
 * Reads a file once, in a process of its own.
 *
 * @param warmUp a small file of the same kind, which is read first
 */
export async function readPass(reader: string, path: string, warmUp: string): Promise<Pass> {
  const name = `reading ${path} with ${reader}`;
  return JSON.parse(await outputOf({ name, args: [PASS, reader, path, warmUp], limitMs: PASS_LIMIT_MS })) as Pass;
}
