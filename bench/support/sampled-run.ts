import { BenchError } from './errors.js';
import { runKload } from './kload.js';
import { memoryMib } from './proc.js';

/** The RSS of a process, `minute` minutes after its start. @typedef {{ minute: number, mib: number }} Sample */

/**
 * Runs `kload run` and samples its memory.
 * @param {readonly string[]} args
 * @param {object} options options of runKload, and:
 * @param {number} options.everyMs
 * @param {(sample: Sample) => void} [options.onSample]
 * @param {number} [options.limitMs]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} [options.stopAfterMs]
 * @returns {Promise<import('./kload.js').KloadRun & { samples: Sample[] }>}
 */
export async function sampledRun(args, { everyMs, onSample = () => {}, ...options }) {
  /** @type {Sample[]} */
  const samples = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer: NodeJS.Timeout | undefined;
  const started = (/** @type {number} */ pid) => {
    const startMs = performance.now();
    timer = setInterval(() => {
      const sample = { minute: (performance.now() - startMs) / 60_000, mib: memoryMib(pid, 'VmRSS') };
      // The process may have just ended.
      if (Number.isNaN(sample.mib)) return;
      samples.push(sample);
      onSample(sample);
    }, everyMs);
  };
  try {
    const run = await runKload(args, { ...options, started });
    if (samples.length === 0) throw new BenchError('the memory bench reads VmRSS from /proc: it runs on Linux only');
    return { ...run, samples };
  } finally {
    clearInterval(timer);
  }
}
