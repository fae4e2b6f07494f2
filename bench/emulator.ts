import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { BenchError } from './support/errors.js';
import { figureOf } from './support/figures.js';
import { progress } from './support/progress.js';
import { installOthers, KLOAD, OTHERS, STREAM, startServer } from './support/servers.js';
import { median, pairRatios } from './support/stats.js';

/**
 * How fast is the emulator, and how much faster than others? Each is a process of its own and gets the same prepared
 * bodies from one client in this process.
 */

const SIZES = [
  { name: '100 B', bytes: 100 },
  { name: '1 kB', bytes: 1_000 },
];
const SHARDS = ['0', '1', '2', '3'].map((n) => `shardId-00000000000${n}`);
const RECORDS = 500;
const BODIES = 8;
const CONNECTIONS = 2;
const MILLION = 1_000_000;

/** @typedef {import('./support/servers.js').RunningServer} RunningServer */
/** @typedef {{ figure: string, unit: string, measure: (server: RunningServer) => Promise<number> }} Question */

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 5 }) {
  const kinds = [KLOAD, ...others(smoke)];
  const seconds = smoke ? 0.5 : 2;
  const figures = await startFigures(kinds, runs);
  for (const { name, bytes } of SIZES) {
    for (const question of questions(name, bytes, seconds)) figures.push(...(await sideBySide(question, kinds, runs)));
  }
  figures.push(...(await flatness(smoke ? 2 : 10, smoke ? MILLION / 20 : MILLION)));
  return figures;
}

/** @param {boolean} smoke */
function others(smoke) {
  const fault = smoke ? 'the smoke form works without a network' : installOthers();
  if (fault === undefined) return OTHERS;
  progress(`emulator: without ${OTHERS.map(({ name }) => name).join(' and ')}: ${fault}`);
  return [];
}

/**
 * @param {string} size
 * @param {number} bytes
 * @param {number} seconds
 * @returns {Question[]}
 */
function questions(size, bytes, seconds) {
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
        const { FailedRecordCount } = await client.callOk('PutRecords', JSON.parse(bodies[0] ?? ''));
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

/** @param {number} n @param {number} bytes */
function putBody(n, bytes) {
  const Records = Array.from({ length: RECORDS }, (_, i) => record(n * RECORDS + i, bytes));
  return JSON.stringify({ StreamName: STREAM, Records });
}

/** @param {number} n @param {number} bytes */
function record(n, bytes) {
  return { Data: randomBytes(bytes).toString('base64'), PartitionKey: `key-${n}` };
}

/**
 * Requests for the oldest records of each shard, and the number of records that they return in all.
 * @param {import('./support/body-client.js').BodyClient} client
 * @param {number} Limit
 */
async function readBodies(client, Limit) {
  const bodies = [];
  let count = 0;
  for (const ShardId of SHARDS) {
    const position = { StreamName: STREAM, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await client.callOk('GetShardIterator', position);
    const { Records } = await client.callOk('GetRecords', { ShardIterator, Limit });
    count += Records.length;
    bodies.push(JSON.stringify({ ShardIterator, Limit }));
  }
  return { bodies, count };
}

/**
 * Measures one question on each emulator, round by round, in alternating order; the processes live for all rounds.
 * Besides the rate, it measures the processor time of the server's process, which hardly changes on a busy machine.
 * @param {Question} question
 * @param {readonly import('./support/servers.js').ServerKind[]} kinds
 * @param {number} runs
 */
async function sideBySide({ figure, unit, measure }, kinds, runs) {
  /** @type {RunningServer[]} */
  const servers = [];
  const rates = new Map(kinds.map(({ name }) => [name, /** @type {number[]} */ ([])]));
  const costs = new Map(kinds.map(({ name }) => [name, /** @type {number[]} */ ([])]));
  try {
    for (const kind of kinds) servers.push(await startServer(kind));
    for (const server of servers) await fill(server, figure);
    for (let run = 0; run < runs; run++) {
      progress(`emulator: ${figure}, round ${run + 1} of ${runs}`);
      for (const server of run % 2 === 0 ? servers : [...servers].reverse()) {
        const [beforeMs, startMs] = [server.cpuMs(), performance.now()];
        const perSecond = await measure(server);
        const done = (perSecond * (performance.now() - startMs)) / 1000;
        rates.get(server.name)?.push(perSecond);
        costs.get(server.name)?.push((1000 * (server.cpuMs() - beforeMs)) / done);
      }
    }
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()));
  }
  const one = unit.replace('s/s', '');
  return [
    ...compared(figure, unit, rates, (own, other) => [own, other]),
    ...compared(`${figure}, processor time`, `us a ${one}`, costs, (own, other) => [other, own]),
  ];
}

/**
 * The figures of each emulator, and how many times better kload's are.
 * @param {string} figure
 * @param {string} unit
 * @param {ReadonlyMap<string, number[]>} found
 * @param {(own: number[], other: number[]) => [number[], number[]]} parts the ratio's numerators and denominators
 */
function compared(figure, unit, found, parts) {
  const own = found.get(KLOAD.name) ?? [];
  return [...found].flatMap(([name, values]) => {
    const absolute = figureOf('emulator', `${figure}: ${name}`, unit, values);
    if (name === KLOAD.name) return [absolute];
    const [above, below] = parts(own, values);
    const ratio = figureOf('emulator', `${figure}: times better than ${name}`, 'ratio', pairRatios(above, below));
    return [absolute, { ...ratio, median: median(above) / median(below) }];
  });
}

/** @param {RunningServer} server @param {string} figure */
async function fill({ client }, figure) {
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
 * @param {readonly import('./support/servers.js').ServerKind[]} kinds
 * @param {number} runs
 */
async function startFigures(kinds, runs) {
  const startMs = new Map([...kinds, { name: BARE_NODE }].map(({ name }) => [name, /** @type {number[]} */ ([])]));
  const memory = new Map(kinds.map(({ name }) => [name, /** @type {number[]} */ ([])]));
  for (let run = 0; run < runs; run++) {
    progress(`emulator: start-up, round ${run + 1} of ${runs}`);
    startMs.get(BARE_NODE)?.push(bareNodeMs());
    for (const kind of kinds) {
      const server = await startServer(kind);
      startMs.get(kind.name)?.push(server.startMs);
      memory.get(kind.name)?.push(server.memoryMib('VmRSS'));
      await server.stop();
    }
  }
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
 * @param {number} parts
 * @param {number} records of each part
 */
async function flatness(parts, records) {
  const server = await startServer(KLOAD);
  try {
    const bodies = Array.from({ length: BODIES }, (_, n) => putBody(n, 100));
    const calls = records / RECORDS;
    // Warm up, so that compilation is not measured.
    await server.client.callsPerSecond('PutRecords', bodies, CONNECTIONS, (done) => done < calls / 5);
    const rates = [];
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
