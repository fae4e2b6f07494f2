import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

export interface Probed {
  /** Processor time of all threads. */
  readonly cpuMs: number;
  /** Of the main thread, with the start of the process; null if there is no /proc. */
  readonly mainCpuMs: number | null;
  /** Of the whole process; null if there is no /proc. */
  readonly peakRssKib: number | null;
}

/**
 * Loaded into a measured process by `node --import`. When the process exits, it writes what it measured
 * (Probed) as JSON to the file that KLOAD_BENCH_PROBE names.
 */
const file = process.env.KLOAD_BENCH_PROBE;

if (isMainThread && file !== undefined) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    const probed: Probed = { cpuMs: (user + system) / 1000, mainCpuMs: mainCpuMs(), peakRssKib: peakRssKib() };
    writeFileSync(file, JSON.stringify(probed));
  });
}

/** The first number is the time on a processor, in nanoseconds. */
function mainCpuMs(): number | null {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return null;
  }
}

/**
 * The peak of this process since its exec; null if there is no /proc. resourceUsage().maxRSS does not work: on Linux it
 * includes the parent's peak.
 */
function peakRssKib(): number | null {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return peak === undefined ? null : Number(peak);
  } catch {
    return null;
  }
}
