import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a measured process by `node --import`. When the process exits, it writes the processor time of all
 * threads and the peak memory as JSON to the file that KLOAD_BENCH_PROBE names.
 */
const file = process.env.KLOAD_BENCH_PROBE;

if (isMainThread && file !== undefined) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(file, JSON.stringify({ cpuMs: (user + system) / 1000, peakRssKib: peakRssKib() }));
  });
}

/**
 * The peak of this process since its exec. resourceUsage().maxRSS does not work: on Linux it includes the parent's
 * peak.
 * @returns {number | null} null if there is no /proc
 */
function peakRssKib() {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return peak === undefined ? null : Number(peak);
  } catch {
    return null;
  }
}
