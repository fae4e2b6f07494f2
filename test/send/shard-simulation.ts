import { throttlePauseMs } from '../../src/send/retry.js';
import { nextTurnMs, ShardPace, shardUnits } from '../../src/send/shard-pace.js';

/** A simulated shard and its senders. Times are milliseconds since the start. */
export interface Scene {
  /** The records and bytes a second that the shard accepts; Infinity: any number. */
  readonly limit: (atMs: number) => number;
  readonly bytesLimit?: number;
  /** Records a second that come due, in all workers together. */
  readonly offered: (atMs: number) => number;
  readonly recordBytes?: number;
  readonly seconds: number;
  /** The time from a request to its response. */
  readonly latencyMs?: number;
  /** Workers of one run that send to the shard. */
  readonly workers?: number;
  /** Whether each worker belongs to a run of its own: the runs do not know of each other. */
  readonly separateRuns?: boolean;
  readonly seed?: number;
  /** The share of records refused at any load, and the share of requests refused as a whole. */
  readonly refusedShare?: number | ((atMs: number) => number);
  readonly refusedRequests?: number;
  /** Records a second that another producer sends. It does not send refused records again. */
  readonly others?: (atMs: number) => number;
  /** For comparison: no pace. Refused records are sent again after the same pauses. */
  readonly plain?: boolean;
}

/** One second of the simulation. */
export interface Second {
  /** Records sent, and those of them that were sent for the first time. */
  attempts: number;
  offered: number;
  accepted: number;
  refused: number;
  /** How long records had been due when they were sent for the first time, in milliseconds. */
  lagsMs: number[];
  /** Records that wait at the end of the second. */
  waiting: number;
  /** Records accepted, by worker. */
  byWorker: number[];
}

interface Waiting {
  readonly dueAtMs: number;
  attempts: number;
  untilMs: number;
}

interface Worker {
  readonly pace: ShardPace;
  readonly fresh: Waiting[];
  first: number;
  owed: number;
  pausing: Waiting[];
  readonly again: Waiting[];
  /** Waiting records are not looked at before this. */
  askAtMs: number;
}

interface Request {
  readonly worker: Worker;
  readonly accepted: number;
  readonly refused: readonly Waiting[];
  readonly endsAtMs: number;
}

const BATCH_MAX = 500;
const LATENCY_MS = 10;
const UNPACED = { active: false, admit: () => true, waits() {}, accepted() {}, refused() {} };

/** Simulates a shard and the workers that send to it, in steps of a millisecond. */
export function simulateShard(scene: Scene): Second[] {
  const { limit, offered, seconds, latencyMs = LATENCY_MS, workers: count = 1, seed = 1 } = scene;
  const { refusedShare = 0, refusedRequests = 0, recordBytes = 100, bytesLimit = Number.POSITIVE_INFINITY } = scene;
  const random = generator(seed);
  const units = shardUnits(recordBytes);
  const workers = Array.from({ length: count }, (): Worker => {
    const pace = scene.plain
      ? (UNPACED as unknown as ShardPace)
      : new ShardPace(scene.separateRuns ? 1000 : 1000 / count);
    return { pace, fresh: [], first: 0, owed: 0, pausing: [], again: [], askAtMs: 0 };
  });
  const result: Second[] = [];
  const inFlight: Request[] = [];
  let tokens = limit(0);
  let byteTokens = bytesLimit;
  let othersOwed = 0;
  const takes = () => {
    if (tokens < 1 || byteTokens < recordBytes) return false;
    tokens--;
    byteTokens -= recordBytes;
    return true;
  };
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs++) {
    if (nowMs % 1000 === 0) {
      result.push({ attempts: 0, offered: 0, accepted: 0, refused: 0, lagsMs: [], waiting: 0, byWorker: [] });
    }
    const second = result.at(-1)!;
    tokens = Math.min(limit(nowMs), tokens + limit(nowMs) / 1000);
    byteTokens = Math.min(bytesLimit, byteTokens + bytesLimit / 1000);
    othersOwed += (scene.others?.(nowMs) ?? 0) / 1000;
    for (; othersOwed >= 1; othersOwed--) takes();
    while (inFlight[0] !== undefined && inFlight[0].endsAtMs <= nowMs)
      respond(inFlight.shift()!, units, second, random);
    const first = Math.floor(random() * count);
    for (let i = 0; i < count; i++) {
      const index = (first + i) % count;
      const worker = workers[index]!;
      comeDue(worker, offered(nowMs) / count, nowMs);
      // Each worker looks at its shard every few milliseconds, at times of its own.
      if (random() > 0.25) continue;
      const records = admitted(worker, units, nowMs, random);
      if (records.length === 0) continue;
      const refusedAsAWhole = refusedRequests > 0 && random() < refusedRequests;
      const share = typeof refusedShare === 'number' ? refusedShare : refusedShare(nowMs);
      const refused = records.filter(() => refusedAsAWhole || (share > 0 && random() < share) || !takes());
      for (const { attempts, dueAtMs } of records) if (attempts === 1) second.lagsMs.push(nowMs - dueAtMs);
      second.attempts += records.length;
      const accepted = records.length - refused.length;
      second.byWorker[index] = (second.byWorker[index] ?? 0) + accepted;
      inFlight.push({ worker, accepted, refused, endsAtMs: nowMs + latencyMs });
    }
    second.waiting = workers.reduce((sum, worker) => sum + waitingOf(worker), 0);
  }
  for (const second of result) {
    second.offered = second.lagsMs.length;
    second.lagsMs.sort((a, b) => a - b);
  }
  return result;
}

export function sumOf(seconds: readonly Second[], what: 'attempts' | 'offered' | 'accepted' | 'refused'): number {
  return seconds.reduce((sum, second) => sum + second[what], 0);
}

/** The share of attempts that was refused. */
export function refusedShareOf(seconds: readonly Second[]): number {
  return sumOf(seconds, 'refused') / sumOf(seconds, 'attempts');
}

/** Milliseconds. */
export function lagP99Of(seconds: readonly Second[]): number {
  const lags = seconds.flatMap(({ lagsMs }) => lagsMs).sort((a, b) => a - b);
  return lags[Math.ceil(0.99 * lags.length) - 1] ?? 0;
}

function waitingOf({ fresh, first, pausing, again }: Worker): number {
  return fresh.length - first + pausing.length + again.length;
}

function comeDue(worker: Worker, perSecond: number, nowMs: number): void {
  worker.owed += perSecond / 1000;
  for (; worker.owed >= 1; worker.owed--) worker.fresh.push({ dueAtMs: nowMs, attempts: 0, untilMs: 0 });
  if (!worker.pausing.some(({ untilMs }) => untilMs <= nowMs)) return;
  const due = worker.pausing.filter(({ untilMs }) => untilMs <= nowMs).sort((a, b) => a.untilMs - b.untilMs);
  worker.pausing = worker.pausing.filter(({ untilMs }) => untilMs > nowMs);
  worker.again.push(...due);
}

function admitted(worker: Worker, units: number, nowMs: number, random: () => number): Waiting[] {
  const records: Waiting[] = [];
  if (nowMs < worker.askAtMs) return records;
  while (worker.again.length > 0 || worker.first < worker.fresh.length) {
    if (records.length === BATCH_MAX) break;
    if (!worker.pace.admit(units, nowMs)) {
      worker.askAtMs = Math.max(worker.pace.nextAdmissionMs(nowMs), nextTurnMs(nowMs, random()));
      break;
    }
    const record = worker.again.shift() ?? worker.fresh[worker.first++]!;
    record.attempts++;
    records.push(record);
  }
  worker.pace.waits(worker.again.length > 0 || worker.first < worker.fresh.length, nowMs);
  return records;
}

function respond(request: Request, units: number, second: Second, random: () => number): void {
  const { worker, accepted, refused, endsAtMs } = request;
  for (let i = 0; i < accepted; i++) worker.pace.accepted(units, endsAtMs);
  const draw = random();
  for (const record of refused) {
    worker.pace.refused(units, endsAtMs, random());
    record.untilMs = endsAtMs + throttlePauseMs(record.attempts, draw);
    worker.pausing.push(record);
  }
  second.accepted += accepted;
  second.refused += refused.length;
}

/** Returns a source of numbers from [0, 1): the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
