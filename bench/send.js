import { fileURLToPath } from 'node:url';
import { startChild } from './support/child.js';
import { BenchError } from './support/errors.js';
import { figureOf } from './support/figures.js';
import { runKload, withEmulator } from './support/kload.js';
import { progress } from './support/progress.js';
import { median, pairRatios } from './support/stats.js';

/** How much does kload send, and how much more than the usual sample script, one awaited PutRecord a record? */

const SIZES = [
  { name: '100 B', bytes: 100 },
  { name: '1 kB', bytes: 1_000 },
];
const SHARDS = 4;
const LOOP = fileURLToPath(new URL('support/put-record-loop.js', import.meta.url));
const LOOP_LIMIT_MS = 60_000;

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 2 : 5 }) {
  const seconds = smoke ? 1.5 : 4.5;
  const figures = [];
  for (const { name, bytes } of SIZES) {
    const kload = [];
    const loop = [];
    const count = await countFor(bytes, seconds);
    for (let run = 0; run < runs; run++) {
      progress(`send: records of ${name}, round ${run + 1} of ${runs}`);
      kload.push((await runKload([...kloadArgs(bytes), '--count', String(count)])).report.rps.achieved);
      loop.push(await putRecordLoop(bytes, seconds));
    }
    const ratio = figureOf('send', `${name}: kload / loop`, 'ratio', pairRatios(kload, loop));
    figures.push(
      figureOf('send', `${name}: kload, embedded`, 'records/s', kload),
      figureOf('send', `${name}: awaited PutRecord loop`, 'records/s', loop),
      { ...ratio, median: median(kload) / median(loop) },
    );
  }
  return figures;
}

/** @param {number} bytes */
function kloadArgs(bytes) {
  const size = ['--record-size', String(bytes)];
  return ['--target', 'embedded', '--limits', 'off', '--shards', String(SHARDS), '--quiet', ...size];
}

/**
 * How many records kload sends in this time here.
 * @param {number} bytes
 * @param {number} seconds
 */
async function countFor(bytes, seconds) {
  const { report } = await runKload([...kloadArgs(bytes), '--duration', '2s']);
  return Math.max(10_000, Math.round((report.rps.achieved * seconds) / 10_000) * 10_000);
}

/**
 * @param {number} bytes
 * @param {number} seconds
 * @returns {Promise<number>} records/s
 */
function putRecordLoop(bytes, seconds) {
  return withEmulator(['--limits', 'off', '--stream', `bench:${SHARDS}`], async (endpoint) => {
    let output = '';
    const args = [LOOP, endpoint, 'bench', String(bytes), String(seconds)];
    const child = startChild(process.execPath, args, {
      env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
      limitMs: LOOP_LIMIT_MS,
      onOutput: (text) => {
        output += text;
      },
    });
    const { code, tail } = await child.ended;
    const found = /^(\d+(?:\.\d+)?) records\/s$/m.exec(output)?.[1];
    if (code !== 0 || found === undefined) throw new BenchError(`the PutRecord loop ended with ${code}:\n${tail}`);
    return Number(found);
  });
}
