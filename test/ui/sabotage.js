import { appendFileSync } from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

/** Preloaded into kload by terminal-use.test.ts: makes a thread fail in the way that KLOAD_SABOTAGE names. */

const ways = {
  'main throws': () => onMain(() => fail()),
  'main exits': () => onMain(() => process.exit(3)),
  'the dashboard throws': () => onDashboard(() => fail()),
  'the dashboard rejects': () => onDashboard(() => void Promise.reject(new Error('sabotage'))),
  'the dashboard exits': () => onDashboard(() => process.exit(3)),
  'the dashboard has no memory': () => onDashboard(() => fill()),
  'the dashboard grows': grow,
};

ways[/** @type {keyof typeof ways} */ (process.env.KLOAD_SABOTAGE)]();

/** @param {() => void} act */
function onMain(act) {
  if (isMainThread) process.on('SIGUSR2', act);
}

/**
 * When the dashboard has drawn three views.
 * @param {() => void} act
 */
function onDashboard(act) {
  let views = 0;
  onDrawn((message) => {
    if (++views === 3) setImmediate(act);
    return message;
  });
}

/**
 * Changes what the dashboard's thread says when it has drawn a view.
 * @param {(message: object) => object} change
 */
function onDrawn(change) {
  if (isMainThread || workerData?.gate === undefined || parentPort === null) return;
  const post = parentPort.postMessage.bind(parentPort);
  parentPort.postMessage = (message) => post(message.kind === 'drawn' ? change(message) : message);
}

/** Each thread says that it is too large when it has drawn three views. */
function grow() {
  let views = 0;
  onDrawn((message) => {
    if (++views !== 3) return message;
    appendFileSync(String(process.env.KLOAD_SABOTAGE_LOG), 'grown\n');
    return { ...message, heapBytes: 1e12 };
  });
}

function fail() {
  throw new Error('sabotage');
}

function fill() {
  const kept = [];
  for (;;) kept.push(new Array(10_000).fill(kept.length));
}
