import { Lane } from '../../src/send/lane.js';

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

interface Worker {
  readonly lane: Lane;
  waiting: number;
  owed: number;
}

interface Request {
  readonly worker: Worker;
  readonly accepted: number;
  readonly throttled: number;
  readonly handedAtMs: number;
  readonly endsAtMs: number;
}

const BATCH_MAX = 500;
const LATENCY_MS = 10;

/** A shard and the workers that send to it, on a clock of their own that ticks in milliseconds. */
export function simulateShard(scene: Scene): Second[] {
  const { limit, offered, seconds, latencyMs = LATENCY_MS, lanes = 1, seed = 1 } = scene;
  const random = generator(seed);
  const workers = Array.from({ length: lanes }, (): Worker => ({ lane: new Lane(), waiting: 0, owed: 0 }));
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
      comeDue(worker, offered(nowMs) / lanes);
      // Workers do not keep step: each looks at its lane every few milliseconds.
      if (lanes > 1 && random() > 0.25) continue;
      const count = admitted(worker, nowMs);
      if (count === 0) continue;
      const accepted = Math.min(count, Math.floor(tokens));
      tokens -= accepted;
      second.handed += count;
      const throttled = count - accepted;
      inFlight.push({ worker, accepted, throttled, handedAtMs: nowMs, endsAtMs: nowMs + latencyMs });
    }
    second.slowed = workers.filter(({ lane }) => lane.slowed).length;
    second.waiting = workers.reduce((sum, { waiting }) => sum + waiting, 0);
    second.waitingMost = Math.max(...workers.map(({ waiting }) => waiting));
  }
  return told;
}

export function sumOf(seconds: readonly Second[], what: keyof Second): number {
  return seconds.reduce((sum, second) => sum + second[what], 0);
}

function comeDue(worker: Worker, perSecond: number): void {
  worker.owed += perSecond / 1000;
  const records = Math.floor(worker.owed);
  worker.owed -= records;
  worker.waiting += records;
}

function admitted(worker: Worker, nowMs: number): number {
  let count = 0;
  while (count < BATCH_MAX && worker.waiting > 0 && worker.lane.admit(nowMs)) {
    worker.waiting--;
    count++;
  }
  return count;
}

function answer(request: Request, second: Second, random: () => number): void {
  const { worker, accepted, throttled, handedAtMs, endsAtMs } = request;
  if (accepted > 0) worker.lane.accepted(accepted, endsAtMs);
  for (let i = 0; i < throttled; i++) worker.lane.throttled(handedAtMs, endsAtMs, random());
  worker.waiting += throttled;
  second.accepted += accepted;
  second.throttled += throttled;
}

/** Numbers from [0, 1), the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
