import { nowMs } from '../core/clock.js';
import { KloadError } from '../core/errors.js';
import type { BadRecord, RecordBlock, Source } from '../core/record.js';
import type { Router } from '../route/router.js';
import type { Schedule } from '../schedule/schedule.js';
import type { Bell } from './bell.js';
import type { PackedRecords } from './packed-records.js';
import { RANDOM_KEY_BYTES, writeRandomKey } from './random-key.js';
import type { WorkerPool } from './worker-pool.js';

/**
 * Records cross to the workers this long before they are due: what the main thread does meanwhile (a frame of the
 * dashboard, a garbage collection) delays none of them.
 */
const LOOKAHEAD_MS = 50;
/** What has come due is handed over at most this often. */
const TICK_MS = 10;
/** No file leaves a reader without an answer for so long. */
const SILENCE_MS = 500;
/** Records between two looks at the clock. */
const CLOCK_EVERY = 64;
const REJECTED_NAMED = 10;

export interface FeedOptions {
  /** The key of all records, where the user gave one. */
  readonly partitionKey: string | undefined;
  /** Data and key of one record. */
  readonly recordBytesMax: number;
  readonly skipBadRecords: boolean;
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
}

export interface Rejected {
  readonly at: string;
  readonly reason: string;
}

/**
 * The coordinator's way of the records: reads them, gives each its intended time, picks its worker, and hands them over
 * in packs, never more than the workers have room for.
 */
export class Feed {
  /** Records taken from the input, the rejected ones included. */
  read = 0;
  rejected = 0;
  /** The first of the rejected. */
  readonly rejectedFirst: Rejected[] = [];
  /** The next record waits for room in its worker. */
  waitsForRoom = false;
  /** How much of the block at hand was handed over, 0 to 1. */
  blockShare = 0;

  readonly #schedule: Schedule;
  readonly #router: Router;
  readonly #pool: WorkerPool;
  readonly #bell: Bell;
  readonly #options: FeedOptions;
  /** The key of all records where the user gave one, else that of the last record without a key of its own. */
  readonly #otherKey: Buffer;
  readonly #packs: (PackedRecords | undefined)[];
  readonly #sharedWorker: number | undefined;
  #stopped = false;
  #hasRoom = true;
  #onStop: () => void = () => {};
  #clockMs = nowMs();

  /** @param bell rings when a worker has room again and when `stop`, a pause or the rate changes what may go */
  constructor(schedule: Schedule, router: Router, pool: WorkerPool, workers: number, bell: Bell, options: FeedOptions) {
    this.#schedule = schedule;
    this.#router = router;
    this.#pool = pool;
    this.#bell = bell;
    this.#options = options;
    const shared = options.partitionKey === undefined ? undefined : Buffer.from(options.partitionKey);
    this.#otherKey = shared ?? Buffer.alloc(RANDOM_KEY_BYTES);
    this.#sharedWorker = shared && router.route(shared, 0, shared.length);
    this.#packs = new Array<PackedRecords | undefined>(workers).fill(undefined);
  }

  /** No more is read; what was read is handed over. */
  stop(): void {
    this.#stopped = true;
    this.#onStop();
    this.#bell.ring();
  }

  /**
   * Hands records over until the input, the count or the duration ends, or `stop` is called. Throws a KloadError (input)
   * for a record that can't be used, unless these are skipped; what stands before it was handed over then.
   */
  async run(source: Source): Promise<void> {
    const blocks = source.blocks()[Symbol.asyncIterator]();
    try {
      for (;;) {
        const block = await this.#nextBlock(blocks);
        if (block === undefined || !(await this.#feedBlock(block))) return;
        this.blockShare = 1;
      }
    } finally {
      this.#flush();
      // Closes the file; a pipe that says nothing would answer this never.
      void blocks.return?.().catch(() => {});
    }
  }

  /** The next block; undefined at the end, or when the run is stopped while the input has nothing to say. */
  #nextBlock(blocks: AsyncIterator<RecordBlock>): Promise<RecordBlock | undefined> {
    if (this.#stopped) return Promise.resolve(undefined);
    // A file has its next block at once, and packs go on filling; behind a pipe, what is packed must not wait for it.
    const flush = setTimeout(() => this.#flush(), TICK_MS);
    let silence: NodeJS.Timeout | undefined;
    const next = new Promise<RecordBlock | undefined>((resolve, reject) => {
      this.#onStop = () => resolve(undefined);
      // A pipe may say nothing more for ever, while a file that is read late still holds records that were due in time.
      silence = setInterval(() => this.#silentPastDuration() && resolve(undefined), SILENCE_MS);
      blocks.next().then((result) => resolve(result.done === true ? undefined : result.value), reject);
    });
    return next.finally(() => {
      clearTimeout(flush);
      clearInterval(silence);
    });
  }

  /** False: the run needs no more. */
  async #feedBlock(block: RecordBlock): Promise<boolean> {
    this.blockShare = 0;
    let bad = 0;
    for (let index = 0; index <= block.count; index++) {
      while (block.bad[bad]?.index === index) {
        if (this.#ended()) return false;
        this.#reject(block.bad[bad++]!);
      }
      if (index === block.count) break;
      // Nothing is awaited for a record that may go: a promise each would cost more than all else that is done to it.
      while (!this.#feedRecord(block, index)) {
        if (this.#ended() || this.#pastDuration(block.recordedAtMs[index]!)) return false;
        this.#flush();
        this.blockShare = index / block.count;
        this.waitsForRoom = !this.#hasRoom;
        await this.#bell.wait(this.#waitMs(block.recordedAtMs[index]!));
        this.#clockMs = nowMs();
        this.waitsForRoom = false;
      }
    }
    return true;
  }

  #silentPastDuration(): boolean {
    const { durationMs } = this.#options;
    return durationMs !== undefined && this.#schedule.elapsedAt(nowMs()) >= durationMs;
  }

  #ended(): boolean {
    return this.#stopped || this.read === this.#options.count;
  }

  /** False: the record may not go, or not yet. */
  #feedRecord(block: RecordBlock, index: number): boolean {
    if (this.#ended()) return false;
    const ownKey = this.#sharedWorker === undefined && block.keyStart[index]! >= 0;
    const key = ownKey ? block.bytes : this.#otherKey;
    const keyStart = ownKey ? block.keyStart[index]! : 0;
    const keyEnd = ownKey ? block.keyEnd[index]! : key.length;
    const dataStart = block.dataStart[index]!;
    const dataEnd = block.dataEnd[index]!;
    const bytes = dataEnd - dataStart + keyEnd - keyStart;
    if (bytes > this.#options.recordBytesMax) {
      if (this.#pastDuration(block.recordedAtMs[index]!)) return false;
      this.#reject({ index, file: block.file, line: block.line[index]!, reason: this.#tooLarge(bytes) });
      return true;
    }
    if (!ownKey && this.#sharedWorker === undefined) writeRandomKey(key);
    const recordedAtMs = block.recordedAtMs[index]!;
    const worker = this.#sharedWorker ?? this.#router.route(key, keyStart, keyEnd);
    if (!this.#mayGo(worker, recordedAtMs)) return false;

    const dueMs = this.#schedule.next(recordedAtMs);
    const pack = this.#packFor(worker, bytes);
    const clockMs = this.#schedule.clockAt(dueMs);
    pack.add(block.bytes, dataStart, dataEnd, key, keyStart, keyEnd, clockMs, recordedAtMs);
    this.#schedule.advance(dueMs);
    this.read++;
    return true;
  }

  /** Whether the next record may be handed over now: its time is near, the run's is not over, and its worker has room. */
  #mayGo(worker: number, recordedAtMs: number): boolean {
    if (this.read % CLOCK_EVERY === 0) this.#clockMs = nowMs();
    this.#hasRoom = this.#pool.hasRoom(worker);
    if (this.#schedule.paused || !this.#hasRoom || this.#pastDuration(recordedAtMs)) return false;
    return this.#schedule.clockAt(this.#schedule.next(recordedAtMs)) <= this.#clockMs + LOOKAHEAD_MS;
  }

  /** Whether the next record is due after the run's time. Without a schedule, records are due until it is over by the clock. */
  #pastDuration(recordedAtMs: number): boolean {
    const { durationMs } = this.#options;
    if (durationMs === undefined) return false;
    const dueMs = this.#schedule.next(recordedAtMs);
    return (dueMs === Number.NEGATIVE_INFINITY ? this.#schedule.elapsedAt(this.#clockMs) : dueMs) >= durationMs;
  }

  /** How long nothing changes by itself: a worker that gets room, the end of a pause and a new rate ring the bell. */
  #waitMs(recordedAtMs: number): number {
    const dueInMs = this.#schedule.clockAt(this.#schedule.next(recordedAtMs)) - LOOKAHEAD_MS - this.#clockMs;
    return Math.min(Math.max(TICK_MS, dueInMs), 1_000);
  }

  #packFor(worker: number, bytes: number): PackedRecords {
    let pack = this.#packs[worker];
    if (pack === undefined || !pack.hasRoomFor(bytes)) {
      if (pack !== undefined) this.#pool.send(worker, pack);
      pack = this.#pool.emptyPack(bytes);
      this.#packs[worker] = pack;
    }
    return pack;
  }

  #flush(): void {
    for (const [worker, pack] of this.#packs.entries()) {
      if (pack === undefined) continue;
      if (pack.count > 0) this.#pool.send(worker, pack);
      this.#packs[worker] = undefined;
    }
  }

  #tooLarge(bytes: number): string {
    return `the record has ${bytes} bytes with its key, the stream takes ${this.#options.recordBytesMax}`;
  }

  #reject({ file, line, reason }: BadRecord): void {
    this.read++;
    this.rejected++;
    const at = `${file}:${line}`;
    if (this.rejectedFirst.length < REJECTED_NAMED) this.rejectedFirst.push({ at, reason });
    if (!this.#options.skipBadRecords) {
      throw new KloadError('input', `${at}: ${reason}`, 'mend the record, or pass --on-bad-record skip');
    }
  }
}
