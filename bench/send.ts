import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startChild } from './support/child.js';
import { BenchError } from './support/errors.js';
import { figureOf } from './support/figures.js';
import { progress } from './support/progress.js';
import { pairRatios } from './support/stats.js';

/** What does it cost one worker of kload and the SDK to send a record, and what do the bare requests cost? */

const SIZES = [
  { name: '100 B', bytes: 100 },
  { name: '1 kB', bytes: 1_000 },
];
const SENDERS = /** @type {const} */ (['kload', 'sdk', 'raw']);
const NAMES = { kload: 'one worker of kload', sdk: 'the SDK', raw: 'node:http, bodies made before' };
const RECORDS_IN_A_REQUEST = 500;
const REQUESTS_IN_FLIGHT = 4;

const SINK = fileURLToPath(new URL('support/null-sink.js', import.meta.url));
const PASS = fileURLToPath(new URL('support/send-pass.js', import.meta.url));
const SINK_LIMIT_MS = 60 * 60_000;
const PASS_LIMIT_MS = 60_000;

/** @typedef {{ records: number, wallMs: number, cpuMs: number }} Pass */

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 5 }) {
  const seconds = smoke ? 0.5 : 3;
  const figures = [];
  for (const { name, bytes } of smoke ? SIZES.slice(0, 1) : SIZES) {
    /** @type {Record<string, Pass[]>} */
    const passes = { kload: [], sdk: [], raw: [] };
    for (let run = 0; run < runs; run++) {
      progress(`send: records of ${name}, round ${run + 1} of ${runs}`);
      const senders = run % 2 === 0 ? SENDERS : SENDERS.toReversed();
      for (const sender of senders) passes[sender]?.push(await onePass(sender, bytes, seconds));
    }
    figures.push(...figuresOf(name, passes));
  }
  return figures;
}

/** @param {string} size @param {Record<string, Pass[]>} passes */
function figuresOf(size, passes) {
  const rates = (/** @type {string} */ sender) =>
    (passes[sender] ?? []).map(({ records, wallMs }) => (records * 1000) / wallMs);
  const costs = (/** @type {string} */ sender) =>
    (passes[sender] ?? []).map(({ records, cpuMs }) => (cpuMs * 1e6) / records);
  return [
    ...SENDERS.flatMap((sender) => [
      figureOf('send', `${size}: ${NAMES[sender]}`, 'records/s', rates(sender)),
      figureOf('send', `${size}: ${NAMES[sender]}`, 'CPU ns a record', costs(sender)),
    ]),
    figureOf('send', `${size}: kload / the SDK`, 'ratio', pairRatios(rates('kload'), rates('sdk'))),
    figureOf('send', `${size}: kload / the SDK, CPU time`, 'ratio', pairRatios(costs('sdk'), costs('kload'))),
    figureOf('send', `${size}: kload / node:http`, 'ratio', pairRatios(rates('kload'), rates('raw'))),
    figureOf('send', `${size}: kload / node:http, CPU time`, 'ratio', pairRatios(costs('raw'), costs('kload'))),
  ];
}

/**
 * Starts a sink and a sender, each in a process pinned to a core of its own if there are two.
 * @param {string} sender
 * @param {number} bytes
 * @param {number} seconds
 * @returns {Promise<Pass>}
 */
async function onePass(sender, bytes, seconds) {
  let output = '';
  /** @type {(port: string) => void} */
  let listening = () => {};
  /** @type {Promise<string>} */
  const port = new Promise((resolve) => {
    listening = resolve;
  });
  const [sinkCommand, sinkArgs] = onCore(1, [SINK, String(RECORDS_IN_A_REQUEST)]);
  const { process: sink, ended } = startChild(sinkCommand, sinkArgs, {
    limitMs: SINK_LIMIT_MS,
    onOutput: (text) => {
      output += text;
      const found = /^port (\d+)$/m.exec(output)?.[1];
      if (found !== undefined) listening(found);
    },
  });
  const early = ended.then(({ code, tail }) => {
    throw new BenchError(`the sink ended with ${code}:\n${tail}`);
  });
  try {
    return await Promise.race([port.then((found) => send(sender, found, bytes, seconds)), early]);
  } finally {
    early.catch(() => {});
    sink.kill('SIGTERM');
    await ended.catch(() => {});
  }
}

/**
 * @param {string} sender @param {string} port @param {number} bytes @param {number} seconds @returns {Promise<Pass>}
 */
async function send(sender, port, bytes, seconds) {
  let output = '';
  const args = [PASS, sender, port, String(bytes), String(REQUESTS_IN_FLIGHT), String(seconds)];
  const [command, commandArgs] = onCore(0, args);
  const child = startChild(command, commandArgs, {
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    limitMs: PASS_LIMIT_MS,
    onOutput: (text) => {
      output += text;
    },
  });
  const { code, tail } = await child.ended;
  if (code !== 0)
    throw new BenchError(`sending with ${NAMES[/** @type {'raw'} */ (sender)]} ended with ${code}:\n${tail}`);
  return JSON.parse(output);
}

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** @param {number} core @param {readonly string[]} args of node @returns {[string, string[]]} */
function onCore(core, args) {
  return canPin ? ['taskset', ['-c', String(core), process.execPath, ...args]] : [process.execPath, [...args]];
}
