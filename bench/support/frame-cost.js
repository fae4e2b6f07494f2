import { Writable } from 'node:stream';
import { Recorder } from '#dist/src/measure/recorder.js';
import { Totals } from '#dist/src/measure/totals.js';
import { LiveRates } from '#dist/src/run/live/live-rates.js';
import { liveView } from '#dist/src/run/live/live-view.js';
import { startDashboard } from '#dist/src/ui/dashboard.js';

const SECONDS = 60;
const SHARDS = 40;
const RECORDS_PER_SECOND = 5_000;

/** @typedef {import('./kload.js').TerminalSize} TerminalSize */

/**
 * Measures the CPU time of one frame in the 60th second of a run, in milliseconds: building the view and painting it,
 * with figures that change in each frame, to a terminal that accepts everything.
 * @param {TerminalSize} size
 * @param {number} frames
 */
export async function frameCostMs(size, frames) {
  const shardIds = Array.from({ length: SHARDS }, (_, n) => `shardId-${String(n).padStart(12, '0')}`);
  const recorder = new Recorder(0);
  const totals = new Totals();
  const rates = new LiveRates(shardIds, true);
  for (let second = 0; second < SECONDS; second++) record(recorder, totals, second);

  const { stream, frameShown } = terminal(size);
  let frame = 0;
  const view = () => {
    frame++;
    record(recorder, totals, SECONDS, 50);
    const nowMs = (SECONDS + frame / 4) * 1000;
    rates.sample(totals, nowMs);
    return liveView(factsAt(nowMs, totals.sent), totals, rates);
  };
  const controls = { stop() {}, togglePause() {}, scaleRate() {} };
  const stdin = /** @type {NodeJS.ReadStream} */ (
    /** @type {unknown} */ (Object.assign(new Writable(), { isTTY: false }))
  );
  const dashboard = await startDashboard({ view, controls, stdout: stream, stdin, framesPerSecond: 50 });
  while (frame < 10) await frameShown();
  const from = frame;
  const before = process.cpuUsage();
  while (frame < from + frames) await frameShown();
  const { user, system } = process.cpuUsage(before);
  const cost = (user + system) / 1000 / (frame - from);
  await dashboard.stop();
  return cost;
}

/**
 * Records the events of one second as a worker does.
 * @param {Recorder} recorder
 * @param {Totals} totals
 * @param {number} second
 */
function record(recorder, totals, second, records = RECORDS_PER_SECOND) {
  for (let n = 0; n < records; n++) {
    const intendedAtMs = second * 1000 + n / 5;
    const offeredAtMs = intendedAtMs + 1 + (n % 7);
    const endedAtMs = offeredAtMs + 2 + 40 * Math.random() ** 4;
    recorder.offered(intendedAtMs, offeredAtMs);
    recorder.sent(intendedAtMs, endedAtMs, 200, `shardId-${String(n % SHARDS).padStart(12, '0')}`);
    if (n % 25 === 0) recorder.request(offeredAtMs, endedAtMs, true, false);
  }
  const gauges = {
    held: 100,
    requestsInFlight: 3,
    slowedShards: 0,
    waitingForKey: 0,
    behindMs: 0,
    respondedAtMs: 0,
    noResponseSinceMs: 0,
  };
  totals.add(recorder.takeSnapshot(gauges));
}

/**
 * @param {number} nowMs
 * @param {number} sent
 * @returns {import('#dist/src/run/live/live-view.js').LiveFacts}
 */
function factsAt(nowMs, sent) {
  return {
    phase: 'running',
    elapsedMs: nowMs,
    target: {
      kind: 'embedded',
      stream: 'kload',
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      shards: SHARDS,
      limits: true,
    },
    rpsTarget: RECORDS_PER_SECOND,
    schedule: '5,000 records/s',
    input: 'generated records',
    capacity: null,
    notice: undefined,
    read: sent,
    rejected: 0,
    inputProgress: { done: sent, total: undefined },
    count: undefined,
    scheduleMs: nowMs,
    durationMs: 600_000,
  };
}

/** @param {TerminalSize} size */
function terminal({ columns, rows }) {
  /** @type {() => void} */
  let shown = () => {};
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      shown();
      done();
    },
  });
  const frameShown = () =>
    new Promise((resolve) => {
      shown = () => resolve(undefined);
    });
  const fake = /** @type {NodeJS.WriteStream} */ (
    /** @type {unknown} */ (Object.assign(stream, { isTTY: true, columns, rows }))
  );
  return { stream: fake, frameShown };
}
