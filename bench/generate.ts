import type { MakePass, Maker } from './programs/make-pass.js';
import { outputOf, withServer } from './support/child.js';
import { costFigures, type Figure, figureOf } from './support/figures.js';
import { programFile } from './support/files.js';
import { atEndpoint, costOf, type KloadRun, runKload } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { inRounds } from './support/progress.js';
import { pairRatios } from './support/stats.js';

/**
 * How fast are records made? A template of seven fields, compared with faker, one call a field, and the same fields in
 * Avro; and whole runs of generated records to an HTTP sink: what do they cost, and what of that is the main thread's?
 */

const MAKERS: readonly Maker[] = ['kload', 'faker', 'avro', 'avro-template'];
const NAMES: Readonly<Record<Maker, string>> = {
  ...{ kload: 'a template', faker: 'faker' },
  ...{ avro: 'a schema of Avro', 'avro-template': 'a template and a schema of Avro' },
};
const PASS = programFile('make-pass');
const SINK = programFile('null-sink');
const RECORDS_IN_A_REQUEST = 500;
const PASS_LIMIT_MS = 120_000;
const SINK_LIMIT_MS = 60 * 60_000;

export async function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  const figures = await measureMaking(smoke ? 0.2 : 3, runs);
  return [...figures, ...(await measureRuns(smoke ? 50_000 : 4_000_000, runs))];
}

/** @param seconds of processor time */
async function measureMaking(seconds: number, runs: number): Promise<Figure[]> {
  const passes: Record<Maker, MakePass[]> = { kload: [], faker: [], avro: [], 'avro-template': [] };
  await inRounds(runs, 'generate: seven fields', async (run) => {
    for (const maker of run % 2 === 0 ? MAKERS : MAKERS.toReversed()) {
      const args = [PASS, maker, String(seconds)];
      const output = await outputOf({ name: `making records by ${NAMES[maker]}`, args, limitMs: PASS_LIMIT_MS });
      passes[maker].push(JSON.parse(output) as MakePass);
    }
  });
  const rates = (maker: Maker) => passes[maker].map(({ records, cpuMs }) => (records * 1000) / cpuMs);
  const sizes = (maker: Maker) => passes[maker].map(({ records, bytes }) => bytes / records);
  return [
    ...MAKERS.flatMap((maker) => [
      figureOf('generate', `seven fields by ${NAMES[maker]}`, 'records a CPU second', rates(maker)),
      figureOf('generate', `seven fields by ${NAMES[maker]}`, 'B a record', sizes(maker)),
    ]),
    figureOf('generate', 'seven fields: a template / faker', 'ratio', pairRatios(rates('kload'), rates('faker'))),
  ];
}

async function measureRuns(count: number, runs: number): Promise<Figure[]> {
  const sink = { name: 'the sink', args: [SINK, String(RECORDS_IN_A_REQUEST)], limitMs: SINK_LIMIT_MS };
  const found: KloadRun[] = [];
  const name = 'records of 100 B to a sink';
  await inRounds(runs, `generate: ${name}`, () =>
    withServer(sink, /^port (\d+)$/m, async (port) => {
      const to = ['--stream', 'null', ...atEndpoint(`http://127.0.0.1:${port}`)];
      // The sink always responds to whole requests: one worker fills all, if it waits for slow starts.
      const records = ['--record-size', '100', '--count', String(count), '--workers', '1', '--linger', '10s'];
      found.push(await runKload([...to, ...records, '--quiet']));
    }),
  );
  const mainThread = found.flatMap(({ mainCpuMs }) => (mainCpuMs === null ? [] : [(mainCpuMs * 1e6) / count]));
  return [
    ...costFigures('generate', name, 'record', found.map(costOf)),
    ...(mainThread.length > 0 ? [figureOf('generate', `${name}: main thread`, 'CPU ns a record', mainThread)] : []),
  ];
}
