import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { BenchError } from './support/errors.js';
import { type Figure, figureOf } from './support/figures.js';
import { runKload } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { cpuMs } from './support/proc.js';
import { inRounds } from './support/progress.js';
import { median } from './support/stats.js';

/**
 * What do live metrics cost? A run of 5,000 records/s is scraped, or exports, in every other window of two seconds. The
 * processor time of the windows between is subtracted: other users of the machine affect both alike. Both happen ten
 * times a second, so that their cost stands out, and the difference is divided.
 */

const PACED = ['--target', 'embedded', '--limits', 'off', '--shards', '64', '--rps', '5000', '--quiet'];
const WINDOW_MS = 2000;
const PER_SECOND = 10;
/** Before this, the run starts and its code is compiled. */
const WARM_UP_MS = 4000;
const EXPORT_EVERY_SECONDS = 10;

/** Scrapes or exports that a run did in a window, and the processor time that it took. */
interface Window {
  readonly count: number;
  readonly cpuMs: number;
}

export async function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  const pairs = smoke ? 1 : 10;
  const name = '5,000 records/s, 64 shards';
  const what = `metrics: ${name}, ${pairs} pairs of windows`;
  const scrapes = await inRounds(runs, `${what}, scraped`, () => scrapeMs(pairs));
  const exports = await inRounds(runs, `${what}, exporting`, () => exportMs(pairs));
  // A millisecond each second is a tenth of a percent.
  const share = (costs: readonly number[], everySeconds: number) => costs.map((ms) => ms / 10 / everySeconds);
  const exported = `exported every ${EXPORT_EVERY_SECONDS} s`;
  return [
    figureOf('metrics', `${name}: a scrape`, 'CPU ms', scrapes),
    figureOf('metrics', `${name}, scraped each second: share of a processor`, '%', share(scrapes, 1)),
    figureOf('metrics', `${name}: an export`, 'CPU ms', exports),
    figureOf('metrics', `${name}, ${exported}: share of a processor`, '%', share(exports, EXPORT_EVERY_SECONDS)),
  ];
}

/** The processor time that a scrape takes, HTTP included. */
async function scrapeMs(pairs: number): Promise<number> {
  let url = '';
  let count = 0;
  let isOn = false;
  const scrape = async () => {
    const response = await fetch(url, { headers: { accept: 'application/openmetrics-text' } });
    if ((await response.text()).endsWith('# EOF\n')) count++;
  };
  const timer = setInterval(() => {
    // The run may have ended.
    if (isOn && url !== '') scrape().catch(() => {});
  }, 1000 / PER_SECOND);
  const onOutput = (text: string) => {
    url ||= /metrics at (\S+)/.exec(text)?.[1] ?? '';
  };
  try {
    // Not quiet: it prints its address.
    const args = [...PACED.filter((arg) => arg !== '--quiet'), '--metrics-listen', '127.0.0.1:0'];
    return await costOf(
      args,
      pairs,
      { onOutput },
      () => count,
      (on) => (isOn = on),
    );
  } finally {
    clearInterval(timer);
  }
}

/** The processor time that an export takes, HTTP included. */
async function exportMs(pairs: number): Promise<number> {
  let count = 0;
  let isOn = false;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      count++;
      // Between, the collector asks for silence.
      if (!isOn) response.writeHead(503, { 'retry-after': String(WINDOW_MS / 1000 - 1) });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const args = [...PACED, '--otlp-endpoint', `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
    const env = { OTEL_METRIC_EXPORT_INTERVAL: String(1000 / PER_SECOND) };
    return await costOf(
      args,
      pairs,
      { env },
      () => count,
      (on) => (isOn = on),
    );
  } finally {
    server.close();
  }
}

/** What one scrape or export costs: the median over all pairs of windows. @param turn switches them on and off */
async function costOf(
  args: readonly string[],
  pairs: number,
  options: Parameters<typeof runKload>[1],
  counted: () => number,
  turn: (isOn: boolean) => void,
): Promise<number> {
  let measured: Promise<number[]> = Promise.resolve([]);
  // Longer than the windows: on a busy machine they take longer than they should.
  const seconds = Math.ceil((1.3 * (WARM_UP_MS + 2 * pairs * WINDOW_MS)) / 1000);
  await runKload([...args, '--duration', `${seconds}s`], {
    ...options,
    started: (pid) => {
      measured = costsIn(pid, pairs, counted, turn);
      // If the run fails, its own error is reported.
      measured.catch(() => {});
    },
  });
  return median(await measured);
}

async function costsIn(
  pid: number,
  pairs: number,
  counted: () => number,
  turn: (isOn: boolean) => void,
): Promise<number[]> {
  const window = async (isOn: boolean): Promise<Window> => {
    turn(isOn);
    const before = { count: counted(), cpuMs: cpuMs(pid) };
    await setTimeout(WINDOW_MS);
    return { count: counted() - before.count, cpuMs: cpuMs(pid) - before.cpuMs };
  };
  await setTimeout(WARM_UP_MS);
  const costs: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // Neither is always the first.
    const [first, second] = [await window(pair % 2 === 0), await window(pair % 2 !== 0)];
    const [on, off] = pair % 2 === 0 ? [first, second] : [second, first];
    const more = on.count - off.count;
    if (more < PER_SECOND / 2) throw new BenchError(`only ${more} scrapes or exports in ${WINDOW_MS} ms`);
    costs.push((on.cpuMs - off.cpuMs) / more);
  }
  return costs;
}
