import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a measured process by `node --import`. At its exit it writes what the process has used, all threads
 * together, as JSON to the file that KLOAD_BENCH_PROBE names.
 */
const file = process.env.KLOAD_BENCH_PROBE;

if (isMainThread && file !== undefined) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(file, JSON.stringify({ cpuMs: (user + system) / 1000, peakRssKib: peakRssKib() }));
  });
}

/**
 * The peak of this process since its exec. Not resourceUsage().maxRSS: Linux carries that of the parent over into it.
 * @returns {number | null} null where there is no /proc
 */
function peakRssKib() {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return peak === undefined ? null : Number(peak);
  } catch {
    return null;
  }
}
