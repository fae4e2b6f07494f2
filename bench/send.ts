import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Sender, SendPass } from './programs/send-pass.js';
import { outputOf, withServer } from './support/child.js';
import { type Figure, figureOf } from './support/figures.js';
import { programFile } from './support/files.js';
import type { BenchOptions } from './support/options.js';
import { inRounds } from './support/progress.js';
import { SIZES } from './support/sizes.js';
import { pairRatios } from './support/stats.js';

/** What does it cost one worker of kload and the SDK to send a record, and what do the bare requests cost? */

const SENDERS: readonly Sender[] = ['kload', 'sdk', 'raw'];
const NAMES: Readonly<Record<Sender, string>> = {
  kload: 'one worker of kload',
  sdk: 'the SDK',
  raw: 'node:http, bodies made before',
};
const RECORDS_IN_A_REQUEST = 500;
const REQUESTS_IN_FLIGHT = 4;

const SINK = programFile('null-sink');
const PASS = programFile('send-pass');
const SINK_LIMIT_MS = 60 * 60_000;
const PASS_LIMIT_MS = 60_000;

type Passes = Readonly<Record<Sender, SendPass[]>>;

export async function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  const seconds = smoke ? 0.5 : 3;
  const figures: Figure[] = [];
  for (const { name, bytes } of smoke ? SIZES.slice(0, 1) : SIZES) {
    const passes: Passes = { kload: [], sdk: [], raw: [] };
    await inRounds(runs, `send: records of ${name}`, async (run) => {
      const senders = run % 2 === 0 ? SENDERS : SENDERS.toReversed();
      for (const sender of senders) passes[sender].push(await onePass(sender, bytes, seconds));
    });
    figures.push(...figuresOf(name, passes));
  }
  return figures;
}

function figuresOf(size: string, passes: Passes): Figure[] {
  const rates = (sender: Sender) => passes[sender].map(({ records, wallMs }) => (records * 1000) / wallMs);
  const costs = (sender: Sender) => passes[sender].map(({ records, cpuMs }) => (cpuMs * 1e6) / records);
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

/** Starts a sink and a sender, each in a process pinned to a core of its own if there are two. */
function onePass(sender: Sender, bytes: number, seconds: number): Promise<SendPass> {
  const sink = onCore(1, [SINK, String(RECORDS_IN_A_REQUEST)]);
  return withServer({ name: 'the sink', ...sink, limitMs: SINK_LIMIT_MS }, /^port (\d+)$/m, async (port) => {
    const pass = onCore(0, [PASS, sender, port, String(bytes), String(REQUESTS_IN_FLIGHT), String(seconds)]);
    const output = await outputOf({ name: `sending with ${NAMES[sender]}`, ...pass, limitMs: PASS_LIMIT_MS });
    return JSON.parse(output) as SendPass;
  });
}

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** @param args of node */
function onCore(core: number, args: readonly string[]): { readonly command: string; readonly args: readonly string[] } {
  if (!canPin) return { command: process.execPath, args };
  return { command: 'taskset', args: ['-c', String(core), process.execPath, ...args] };
}
