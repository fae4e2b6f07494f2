import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { BodyClient } from './support/body-client.js';
import { BenchError } from './support/errors.js';
import { type Figure, figureOf } from './support/figures.js';
import type { BenchOptions } from './support/options.js';
import { inRounds, progress } from './support/progress.js';
import {
  installOthers,
  OTHERS,
  OWN,
  type RunningServer,
  type ServerKind,
  STREAM,
  startServer,
} from './support/servers.js';
import { SIZES } from './support/sizes.js';
import { median, pairRatios } from './support/stats.js';

/**
 * How fast is the emulator, and how much faster than others? Each is a process of its own and gets the same prepared
 * bodies from one client in this process.
 */

const SHARDS = ['0', '1', '2', '3'].map((n) => `shardId-00000000000${n}`);
const RECORDS = 500;
const BODIES = 8;
const CONNECTIONS = 2;
const MILLION = 1_000_000;

interface Question {
  readonly figure: string;
  readonly unit: string;
  readonly measure: (server: RunningServer) => Promise<number>;
}

export async function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  const kinds = [OWN, ...others(smoke)];
  const seconds = smoke ? 0.5 : 2;
  const figures = await startFigures(kinds, runs);
  for (const { name, bytes } of SIZES) {
    for (const question of questions(name, bytes, seconds)) figures.push(...(await sideBySide(question, kinds, runs)));
  }
  figures.push(...(await flatness(smoke ? 2 : 10, smoke ? MILLION / 20 : MILLION)));
  return figures;
}

function others(smoke: boolean): readonly ServerKind[] {
  const fault = smoke ? 'the smoke form works without a network' : installOthers();
  if (fault === undefined) return OTHERS;
  progress(`emulator: without ${OTHERS.map(({ name }) => name).join(' and ')}: ${fault}`);
  return [];
}

interface PutOutput {
  readonly FailedRecordCount: number;
}

interface Iterator {
  readonly ShardIterator: string;
}

interface GetOutput {
  readonly Records: readonly object[];
}

function questions(size: string, bytes: number, seconds: number): Question[] {
  const bodies = Array.from({ length: BODIES }, (_, n) => putBody(n, bytes));
  const single = Array.from({ length: BODIES }, (_, n) => JSON.stringify({ StreamName: STREAM, ...record(n, bytes) }));
  const until = () => {
    const endMs = performance.now() + seconds * 1000;
    return () => performance.now() < endMs;
  };
  return [
    {
      figure: `${size}: PutRecords of ${RECORDS}`,
      unit: 'records/s',
      measure: async ({ client }) => {
        const { FailedRecordCount } = await client.callOk<PutOutput>('PutRecords', JSON.parse(bodies[0] ?? ''));
        if (FailedRecordCount !== 0) throw new BenchError(`${FailedRecordCount} of ${RECORDS} records failed`);
        return RECORDS * (await client.callsPerSecond('PutRecords', bodies, CONNECTIONS, until()));
      },
    },
    {
      figure: `${size}: PutRecord`,
      unit: 'requests/s',
      measure: ({ client }) => client.callsPerSecond('PutRecord', single, CONNECTIONS, until()),
    },
    {
      figure: `${size}: GetRecords of all`,
      unit: 'records/s',
      measure: async ({ client }) => {
        const { bodies: reads, count } = await readBodies(client, 10_000);
        return (count / reads.length) * (await client.callsPerSecond('GetRecords', reads, CONNECTIONS, until()));
      },
    },
    {
      figure: `${size}: GetRecords of 1`,
      unit: 'requests/s',
      measure: async ({ client }) => {
        const { bodies: reads } = await readBodies(client, 1);
        return client.callsPerSecond('GetRecords', reads, CONNECTIONS, until());
      },
    },
  ];
}

function putBody(n: number, bytes: number): string {
  const Records = Array.from({ length: RECORDS }, (_, i) => record(n * RECORDS + i, bytes));
  return JSON.stringify({ StreamName: STREAM, Records });
}

function record(n: number, bytes: number) {
  return { Data: randomBytes(bytes).toString('base64'), PartitionKey: `key-${n}` };
}

/** Requests for the oldest records of each shard, and the number of records that they return in all. */
async function readBodies(client: BodyClient, Limit: number) {
  const bodies: string[] = [];
  let count = 0;
  for (const ShardId of SHARDS) {
    const position = { StreamName: STREAM, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await client.callOk<Iterator>('GetShardIterator', position);
    const { Records } = await client.callOk<GetOutput>('GetRecords', { ShardIterator, Limit });
    count += Records.length;
    bodies.push(JSON.stringify({ ShardIterator, Limit }));
  }
  return { bodies, count };
}

/**
 * Measures one question on each emulator, round by round, in alternating order; the processes live for all rounds.
 * Besides the rate, it measures the processor time of the server's process, which hardly changes on a busy machine.
 */
async function sideBySide({ figure, unit, measure }: Question, kinds: readonly ServerKind[], runs: number) {
  const servers: RunningServer[] = [];
  const [rates, costs] = [valuesOf(kinds), valuesOf(kinds)];
  try {
    for (const kind of kinds) servers.push(await startServer(kind));
    for (const server of servers) await fill(server, figure);
    await inRounds(runs, `emulator: ${figure}`, async (run) => {
      for (const server of run % 2 === 0 ? servers : servers.toReversed()) {
        const [beforeMs, startMs] = [server.cpuMs(), performance.now()];
        const perSecond = await measure(server);
        const done = (perSecond * (performance.now() - startMs)) / 1000;
        rates.get(server.name)?.push(perSecond);
        costs.get(server.name)?.push((1000 * (server.cpuMs() - beforeMs)) / done);
      }
    });
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()));
  }
  const one = unit.replace('s/s', '');
  return [
    ...compared(figure, unit, rates, (own, other) => [own, other]),
    ...compared(`${figure}, processor time`, `us a ${one}`, costs, (own, other) => [other, own]),
  ];
}

/** A list of values for each emulator. */
function valuesOf(kinds: readonly { readonly name: string }[]): Map<string, number[]> {
  return new Map(kinds.map(({ name }) => [name, []]));
}

/**
 * The figures of each emulator, and how many times better kload's are.
 *
 * @param parts the ratio's numerators and denominators
 */
function compared(
  figure: string,
  unit: string,
  found: ReadonlyMap<string, number[]>,
  parts: (own: number[], other: number[]) => [number[], number[]],
) {
  const own = found.get(OWN.name) ?? [];
  return [...found].flatMap(([name, values]) => {
    const absolute = figureOf('emulator', `${figure}: ${name}`, unit, values);
    if (name === OWN.name) return [absolute];
    const [above, below] = parts(own, values);
    const ratio = figureOf('emulator', `${figure}: times better than ${name}`, 'ratio', pairRatios(above, below));
    return [absolute, { ...ratio, median: median(above) / median(below) }];
  });
}

async function fill({ client }: RunningServer, figure: string) {
  if (!figure.includes('GetRecords')) return;
  const bytes = figure.startsWith('1 kB') ? 1_000 : 100;
  const bodies = Array.from({ length: BODIES }, (_, n) => putBody(n, bytes));
  await client.callsPerSecond('PutRecords', bodies, 1, (calls) => calls < 2 * BODIES);
}

/** Node's own start-up: no emulator can start faster. */
const BARE_NODE = 'bare node';

/**
 * The time from the start of each process to its first response, and its memory then. For node itself, the time that a
 * process with nothing to do takes from start to end.
 */
async function startFigures(kinds: readonly ServerKind[], runs: number) {
  const [startMs, memory] = [valuesOf([...kinds, { name: BARE_NODE }]), valuesOf(kinds)];
  await inRounds(runs, 'emulator: start-up', async () => {
    startMs.get(BARE_NODE)?.push(bareNodeMs());
    for (const kind of kinds) {
      const server = await startServer(kind);
      startMs.get(kind.name)?.push(server.startMs);
      memory.get(kind.name)?.push(server.memoryMib('VmRSS'));
      await server.stop();
    }
  });
  return [
    ...[...startMs].map(([name, values]) => figureOf('emulator', `start-up, ${name}`, 'ms', values)),
    ...[...memory].map(([name, values]) => figureOf('emulator', `RSS at the first response, ${name}`, 'MiB', values)),
  ];
}

function bareNodeMs() {
  const startedMs = performance.now();
  const { status } = spawnSync(process.execPath, ['-e', '0']);
  if (status !== 0) throw new BenchError('node does not start');
  return performance.now() - startedMs;
}

/**
 * Does a put cost the same however much was put before, with the default memory bound? Measures the records/s of each
 * part.
 *
 * @param records of each part
 */
async function flatness(parts: number, records: number) {
  const server = await startServer(OWN);
  try {
    const bodies = Array.from({ length: BODIES }, (_, n) => putBody(n, 100));
    const calls = records / RECORDS;
    // Warm up, so that compilation is not measured.
    await server.client.callsPerSecond('PutRecords', bodies, CONNECTIONS, (done) => done < calls / 5);
    const rates: number[] = [];
    for (let part = 0; part < parts; part++) {
      progress(`emulator: flatness, part ${part + 1} of ${parts}`);
      const perSecond = await server.client.callsPerSecond('PutRecords', bodies, CONNECTIONS, (done) => done < calls);
      rates.push(RECORDS * perSecond);
    }
    const name = `flatness, ${parts} x ${records.toLocaleString('en-US')} records of 100 B`;
    return [
      figureOf('emulator', `${name}: each part`, 'records/s', rates),
      figureOf('emulator', `${name}: last part / first`, 'ratio', [(rates.at(-1) ?? 0) / (rates[0] ?? 1)]),
      figureOf('emulator', `${name}: peak RSS`, 'MiB', [server.memoryMib('VmHWM')]),
    ];
  } finally {
    await server.stop();
  }
}
