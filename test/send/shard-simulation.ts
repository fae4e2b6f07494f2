import { Lane } from '../../src/send/lane.js';
import { throttlePauseMs } from '../../src/send/retry.js';

export interface Scene {
  /** What the shard takes in a second, and its burst: a bucket that holds one second's worth. */
  readonly limit: (atMs: number) => number;
  /** Records a second that come due. */
  readonly offered: (atMs: number) => number;
  readonly seconds: number;
  readonly latencyMs?: number;
  /** Workers that send to the shard, each through a lane of its own. */
  readonly lanes?: number;
  readonly seed?: number;
  /** The share of records that is refused whatever the load, and the share of requests that is refused as a whole. */
  readonly refusedShare?: number | ((atMs: number) => number);
  readonly refusedRequests?: number;
}

/** One second of the simulation. */
export interface Second {
  handed: number;
  accepted: number;
  throttled: number;
  /** Lanes that are slowed at its end. */
  slowed: number;
  /** Records that wait at its end. */
  waiting: number;
  /** Of these, in the lane with the most. */
  waitingMost: number;
}

/** A record is told by how often it was handed over. */
type Handed = number;

interface Worker {
  readonly lane: Lane;
  fresh: number;
  owed: number;
  /** Records that were refused, until their pause is over: they go before fresh ones then. */
  pausing: { readonly untilMs: number; readonly record: Handed }[];
  again: Handed[];
}

interface Request {
  readonly worker: Worker;
  readonly accepted: number;
  readonly throttled: readonly Handed[];
  readonly handedAtMs: number;
  readonly endsAtMs: number;
}

const BATCH_MAX = 500;
const LATENCY_MS = 10;

/** A shard and the workers that send to it, on a clock of their own that ticks in milliseconds. */
export function simulateShard(scene: Scene): Second[] {
  const { limit, offered, seconds, latencyMs = LATENCY_MS, lanes = 1, seed = 1 } = scene;
  const { refusedShare = 0, refusedRequests = 0 } = scene;
  const random = generator(seed);
  const workers = Array.from(
    { length: lanes },
    (): Worker => ({ lane: new Lane(random), fresh: 0, owed: 0, pausing: [], again: [] }),
  );
  const told: Second[] = [];
  const inFlight: Request[] = [];
  let tokens = limit(0);
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs++) {
    if (nowMs % 1000 === 0) told.push({ handed: 0, accepted: 0, throttled: 0, slowed: 0, waiting: 0, waitingMost: 0 });
    const second = told.at(-1)!;
    tokens = Math.min(limit(nowMs), tokens + limit(nowMs) / 1000);
    while (inFlight[0] !== undefined && inFlight[0].endsAtMs <= nowMs) answer(inFlight.shift()!, second, random);
    const first = Math.floor(random() * lanes);
    for (let i = 0; i < lanes; i++) {
      const worker = workers[(first + i) % lanes]!;
      comeDue(worker, offered(nowMs) / lanes, nowMs);
      // Workers do not keep step: each looks at its lane every few milliseconds.
      if (lanes > 1 && random() > 0.25) continue;
      const records = admitted(worker, nowMs);
      if (records.length === 0) continue;
      const refusedAsAWhole = refusedRequests > 0 && random() < refusedRequests;
      const share = typeof refusedShare === 'number' ? refusedShare : refusedShare(nowMs);
      const throttled = records.filter(() => {
        if (refusedAsAWhole || (share > 0 && random() < share) || tokens < 1) return true;
        tokens--;
        return false;
      });
      second.handed += records.length;
      const accepted = records.length - throttled.length;
      inFlight.push({ worker, accepted, throttled, handedAtMs: nowMs, endsAtMs: nowMs + latencyMs });
    }
    second.slowed = workers.filter(({ lane }) => lane.slowed).length;
    second.waiting = workers.reduce((sum, worker) => sum + waitingOf(worker), 0);
    second.waitingMost = Math.max(...workers.map(waitingOf));
  }
  return told;
}

export function sumOf(seconds: readonly Second[], what: keyof Second): number {
  return seconds.reduce((sum, second) => sum + second[what], 0);
}

function waitingOf({ fresh, pausing, again }: Worker): number {
  return fresh + pausing.length + again.length;
}

function comeDue(worker: Worker, perSecond: number, nowMs: number): void {
  worker.owed += perSecond / 1000;
  const records = Math.floor(worker.owed);
  worker.owed -= records;
  worker.fresh += records;
  if (!worker.pausing.some(({ untilMs }) => untilMs <= nowMs)) return;
  const [due, pausing] = [worker.pausing, worker.pausing.filter(({ untilMs }) => untilMs > nowMs)];
  for (const { untilMs, record } of due) if (untilMs <= nowMs) worker.again.push(record);
  worker.pausing = pausing;
}

function admitted(worker: Worker, nowMs: number): Handed[] {
  const records: Handed[] = [];
  while (records.length < BATCH_MAX && worker.again.length + worker.fresh > 0 && worker.lane.admit(nowMs)) {
    const again = worker.again.shift();
    if (again === undefined) worker.fresh--;
    records.push((again ?? 0) + 1);
  }
  return records;
}

function answer(request: Request, second: Second, random: () => number): void {
  const { worker, accepted, throttled, handedAtMs, endsAtMs } = request;
  if (accepted > 0) worker.lane.accepted(accepted, handedAtMs, endsAtMs);
  const draw = random();
  for (const record of throttled) {
    worker.lane.throttled(handedAtMs, endsAtMs);
    worker.pausing.push({ untilMs: endsAtMs + throttlePauseMs(record, draw), record });
  }
  second.accepted += accepted;
  second.throttled += throttled.length;
}

/** Numbers from [0, 1), the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
