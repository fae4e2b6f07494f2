import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Probed } from './programs/probe.js';
import { outputOf } from './support/child.js';
import { BenchError } from './support/errors.js';
import { type Figure, figureOf } from './support/figures.js';
import { programFile } from './support/files.js';
import { atEndpoint, KLOAD, runKload, toStream, withEmulator } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { inRounds } from './support/progress.js';
import { pairRatios } from './support/stats.js';
import { withTempDir } from './support/temp-dir.js';

/** What does it cost `kload tail` to read a record and write its line, and what does it cost with the SDK alone? */

const SHARDS = 4;
const LIMIT_MS = 10 * 60_000;
const LIMITS = ['--limits', 'off', '--max-memory', '1GiB'];

/** The ways to read, by name. */
const WAYS: Readonly<Record<string, (endpoint: string, file: string) => string[]>> = {
  polling: (endpoint, file) => tailTo(endpoint, file),
  'fan-out': (endpoint, file) => [...tailTo(endpoint, file), '--fan-out'],
  SDK: (endpoint) => [programFile('read-loop'), endpoint, 'bench'],
};

function tailTo(endpoint: string, file: string): string[] {
  return [KLOAD, 'tail', 'bench', ...atEndpoint(endpoint), '--no-follow', '--quiet', '--output', file];
}

export function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  const count = smoke ? 50_000 : 1_000_000;
  const costs: Record<string, number[]> = { polling: [], 'fan-out': [], SDK: [] };
  return withEmulator(['--stream', `bench:${SHARDS}`, ...LIMITS], async (endpoint) => {
    await runKload(['--count', String(count), '--record-size', '200', '--quiet', ...toStream(endpoint)]);
    await inRounds(runs, 'tail', async () => {
      for (const [way, argsOf] of Object.entries(WAYS))
        costs[way]!.push(await costOf((file) => argsOf(endpoint, file), way, count));
    });
    const { polling = [], 'fan-out': fanOut = [], SDK: sdk = [] } = costs;
    return [
      figureOf('tail', 'polling, 200 B to NDJSON', 'CPU us a record', polling),
      figureOf('tail', 'fan-out, 200 B to NDJSON', 'CPU us a record', fanOut),
      figureOf('tail', 'the SDK, 200 B to NDJSON', 'CPU us a record', sdk),
      figureOf('tail', 'polling: times as fast as the SDK', 'ratio', pairRatios(sdk, polling)),
      figureOf('tail', 'fan-out: times as fast as polling with the SDK', 'ratio', pairRatios(sdk, fanOut)),
    ];
  });
}

/** Processor time of a record in microseconds, the start of the process included. */
function costOf(argsTo: (file: string) => readonly string[], way: string, count: number): Promise<number> {
  return withTempDir(async (directory) => {
    const probeFile = join(directory, 'probe.json');
    const command = ['--import', programFile('probe'), ...argsTo(join(directory, 'out.ndjson'))];
    await outputOf({ name: `tail: ${way}`, args: command, limitMs: LIMIT_MS, env: { KLOAD_BENCH_PROBE: probeFile } });
    const { cpuMs } = JSON.parse(readFileSync(probeFile, 'utf8')) as Probed;
    if (!(cpuMs > 0)) throw new BenchError(`${way} took no time`);
    return (cpuMs * 1000) / count;
  });
}
