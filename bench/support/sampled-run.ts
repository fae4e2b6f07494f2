import { BenchError } from './errors.js';
import { type KloadOptions, type KloadRun, runKload } from './kload.js';
import { memoryMib } from './proc.js';

/** The RSS of a process, `minute` minutes after its start. */
export interface Sample {
  readonly minute: number;
  readonly mib: number;
}

interface SampledOptions extends KloadOptions {
  readonly everyMs: number;
  readonly onSample?: (sample: Sample) => void;
}

/** Runs `kload run` and samples its memory. */
export async function sampledRun(
  args: readonly string[],
  { everyMs, onSample = () => {}, ...options }: SampledOptions,
): Promise<KloadRun & { samples: Sample[] }> {
  const samples: Sample[] = [];
  let timer: NodeJS.Timeout | undefined;
  const started = (pid: number) => {
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
