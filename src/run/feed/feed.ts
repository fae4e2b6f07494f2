import { KloadError } from '../../core/errors.js';
import { type BadRecord, NULL_KEY, type RecordBlock, type Source } from '../../core/record.js';
import type { FileReading } from '../../core/report.js';
import { formatCount } from '../../core/units.js';
import type { Router } from '../../route/router.js';
import type { Schedule } from '../../schedule/schedule.js';
import { nowMs } from '../../system/clock.js';
import type { HashKeySpread } from '../../target/kind.js';
import type { Resumption } from '../checkpoint/resumption.js';
import type { AutoResetEvent } from './auto-reset-event.js';
import { badRecordHint } from './bad-record-hint.js';
import { Packer, type PackSink } from './packer.js';
import { RANDOM_KEY_BYTES, writeRandomKey } from './random-key.js';

/**
 * Records cross to the workers this long before they are due: what the main thread does meanwhile (a frame of the
 * dashboard, a garbage collection) delays none of them. On two cores with three times the work that they can do it stands still
 * for more than 50 ms every few seconds. More than 100 ms would fill a worker at 300,000 records a second.
 */
const LOOKAHEAD_MS = 100;
/** What has come due is handed over at most this often. */
const TICK_MS = 10;
/** No file leaves a reader without an answer for so long. */
const SILENCE_MS = 500;
/** Records between two looks at the clock. */
const CLOCK_EVERY = 256;
const REJECTED_NAMED = 10;

export interface FeedOptions {
  /** The key of all records, where the user gave one. */
  readonly partitionKey: string | undefined;
  /** Gives all records their hash keys, instead of those that they bring. */
  readonly spread: HashKeySpread | undefined;
  /** Whether records keep what they bring beside data and key: an explicit hash key for Kinesis, headers for Kafka. */
  readonly keepsAttributes: boolean;
  /** Whether that counts toward a record's size: headers do, hash keys don't. */
  readonly attributesCount: boolean;
  /** What users call the target: 'stream'. */
  readonly targetWord: string;
  /** A record without a key of its own gets a random one, or has none: then it goes to any worker. */
  readonly keyless: 'random' | 'none';
  /** Whether the order of each key is kept: a record then needs one that was given. */
  readonly ordered: boolean;
  /** Data and key of one record, and what it has beside them where that counts. */
  readonly recordBytesMax: number;
  readonly skipBadRecords: boolean;
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  /** What earlier legs of the run left: the rest is passed over. */
  readonly resumption: Resumption | undefined;
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
  /** Records that said they have no key, and got a random one. */
  nullKeys = 0;
  /** Records of the input that an earlier leg of the run settled: they were passed over, and are none of those read. */
  skipped = 0;
  /** The input came to its end. */
  reachedEnd = false;
  /** The record read last ended the run, and can be read again when that is mended. */
  #refused = 0;
  /** The first of the rejected. */
  readonly rejectedFirst: Rejected[] = [];
  /** The next record waits for room in its worker. */
  waitsForRoom = false;
  /** When the next record is due, on the clock; Infinity while none waits, for room or until then. */
  #waitingDueMs = Number.POSITIVE_INFINITY;
  /** How much of the block at hand was handed over, 0 to 1. */
  blockShare = 0;

  readonly #schedule: Schedule;
  readonly #router: Router;
  readonly #packer: Packer;
  readonly #changed: AutoResetEvent;
  readonly #options: FeedOptions;
  /** The key of all records where the user gave one, else that of the last record without a key of its own: empty for none. */
  readonly #otherKey: Buffer;
  readonly #sharedWorker: number | undefined;
  /** Until all that earlier legs of the run read is behind. */
  #resumption: Resumption | undefined;
  #source: Source | undefined;
  /** The last file of which a record could be used. */
  #usableFile = '';
  #stopped = false;
  #hasRoom = true;
  /** Ends the waiting for the next block, if there is one. */
  #endWaiting: ((block: RecordBlock | undefined) => void) | undefined;
  #waitsSinceMs = 0;
  #clockMs = nowMs();

  /** @param bell rings when a worker has room again and when `stop`, a pause or the rate changes what may go */
  constructor(
    schedule: Schedule,
    router: Router,
    pool: PackSink,
    workers: number,
    changed: AutoResetEvent,
    options: FeedOptions,
  ) {
    this.#schedule = schedule;
    this.#router = router;
    this.#packer = new Packer(pool, workers);
    this.#changed = changed;
    this.#options = options;
    const shared = options.partitionKey === undefined ? undefined : Buffer.from(options.partitionKey);
    this.#otherKey = shared ?? Buffer.alloc(options.keyless === 'random' ? RANDOM_KEY_BYTES : 0);
    this.#sharedWorker = shared && router.route(shared, 0, shared.length);
    this.#resumption = options.resumption;
  }

  /** The ordinal of the next record. */
  get position(): number {
    return this.read + this.skipped - this.#refused;
  }

  /** What was read before the next record, and is no record that could be sent. */
  get rejectedBefore(): number {
    return this.rejected - this.#refused;
  }

  /** Records that earlier legs of the run read and are still to be passed; 0 when this leg is beyond them. */
  get leftOfEarlierLegs(): number {
    return Math.max(0, (this.#resumption?.next ?? 0) - this.position);
  }

  /** For how long the record that waits for room has been due; 0 when none is late. */
  behindMs(clockMs: number): number {
    return this.waitsForRoom ? Math.max(0, clockMs - this.#waitingDueMs) : 0;
  }

  /** In how long the next record is due; 0 when it is due already, or not known. */
  dueInMs(clockMs: number): number {
    const dueInMs = this.#waitingDueMs - clockMs;
    return dueInMs > 0 && Number.isFinite(dueInMs) ? dueInMs : 0;
  }

  /** No more is read; what was read is handed over. */
  stop(): void {
    this.#stopped = true;
    this.#endWaiting?.(undefined);
    this.#changed.set();
  }

  /**
   * Hands records over until the input, the count or the duration ends, or `stop` is called. Throws a KloadError (input)
   * for a record that can't be used, unless these are skipped; what stands before it was handed over then.
   *
   * @param begin called when the first records are there: they may be long in coming, out of a pipe or the middle of a file
   */
  async run(source: Source, begin: () => void | Promise<void> = () => {}): Promise<void> {
    this.#source = source;
    const blocks = source.blocks()[Symbol.asyncIterator]();
    // A pipe may say nothing more for ever, while a file that is read late still holds records that were due in time.
    const silence = setInterval(() => this.#silentPastDuration() && this.#endWaiting?.(undefined), SILENCE_MS);
    try {
      let block = await this.#nextBlock(blocks);
      while (block !== undefined && this.#skipBlock(block)) block = await this.#nextBlock(blocks);
      await begin();
      while (block !== undefined && (await this.#feedBlock(block))) {
        this.blockShare = 1;
        block = await this.#nextBlock(blocks);
      }
      const atEnd = block === undefined && !this.#stopped;
      if (atEnd && this.leftOfEarlierLegs > 0) throw this.#endedEarly();
      this.reachedEnd = atEnd;
    } finally {
      clearInterval(silence);
      this.flush();
      // Closes the file; a pipe that says nothing would answer this never.
      void blocks.return?.().catch(() => {});
    }
  }

  /** The next block; undefined at the end, or when the run is stopped while the input has nothing to say. */
  #nextBlock(blocks: AsyncIterator<RecordBlock>): Promise<RecordBlock | undefined> {
    if (this.#stopped) return Promise.resolve(undefined);
    // A file has its next block at once, and packs go on filling; behind a pipe, what is packed must not wait for it.
    const flush = setTimeout(() => this.flush(), TICK_MS);
    const next = new Promise<RecordBlock | undefined>((resolve, reject) => {
      this.#waitsSinceMs = nowMs();
      // As it is, for V8 would keep what a closure around it holds until the next wait, and so on.
      this.#endWaiting = resolve;
      blocks.next().then((result) => resolve(result.done === true ? undefined : result.value), reject);
    });
    return next.finally(() => {
      clearTimeout(flush);
      this.#endWaiting = undefined;
    });
  }

  /** False: the run needs no more. */
  async #feedBlock(block: RecordBlock): Promise<boolean> {
    this.blockShare = 0;
    let index = 0;
    let bad = 0;
    for (;;) {
      const stretchEnd = block.bad[bad]?.index ?? block.count;
      index = this.#feedStretch(block, index, stretchEnd);
      if (index === stretchEnd) {
        if (bad === block.bad.length) break;
        if (this.#ended()) return false;
        const refused = block.bad[bad++]!;
        if (this.#skip(1) === 0) this.#reject(refused);
      } else {
        const pacedAtMs = block.pacedAtMs[index]!;
        if (this.#ended() || this.#pastDuration(pacedAtMs)) return false;
        this.flush();
        this.blockShare = index / block.count;
        this.waitsForRoom = !this.#hasRoom;
        this.#waitingDueMs = this.#schedule.clockAt(this.#schedule.next(pacedAtMs));
        await this.#changed.wait(this.#waitMs());
        this.waitsForRoom = false;
        this.#waitingDueMs = Number.POSITIVE_INFINITY;
      }
    }
    if (block.count > 0) this.#usableFile = block.file;
    // The source fills the block's bytes anew.
    this.#packer.copyPending();
    return true;
  }

  #silentPastDuration(): boolean {
    const { durationMs } = this.#options;
    const now = nowMs();
    if (durationMs === undefined || now - this.#waitsSinceMs < SILENCE_MS) return false;
    return this.#schedule.elapsedAt(now) >= durationMs;
  }

  #ended(): boolean {
    return this.#stopped || this.position >= (this.#options.count ?? Number.POSITIVE_INFINITY);
  }

  /**
   * Hands over records of the block, which are all usable, until one may not go, or not yet. Returns its index.
   * Nothing is awaited here: a promise a record would cost more than all else that is done to it.
   */
  #feedStretch(block: RecordBlock, from: number, to: number): number {
    const { count = Number.POSITIVE_INFINITY } = this.#options;
    let index = from;
    while (index < to) {
      this.#clockMs = nowMs();
      this.#hasRoom = true;
      index += this.#skip(to - index);
      if (index === to) break;
      const unsettled = this.#unsettled();
      if (this.#ended() || this.#schedule.paused || this.#pastDuration(block.pacedAtMs[index]!)) return index;
      const until = Math.min(to, index + CLOCK_EVERY, index + count - this.position, index + unsettled);
      const reached = this.#feedDue(block, index, until);
      if (reached < until) return reached;
      index = reached;
    }
    return index;
  }

  /** The same by the clock as it stands: the loop that every record of a run goes through (some 80 ns each). */
  #feedDue(block: RecordBlock, from: number, to: number): number {
    const schedule = this.#schedule;
    const { recordBytesMax, spread, keepsAttributes, attributesCount, ordered } = this.#options;
    const { durationMs = Number.POSITIVE_INFINITY } = this.#options;
    const shared = this.#sharedWorker !== undefined;
    const hasAttributes = keepsAttributes && spread === undefined && block.hasAttributes;
    const otherKey = this.#otherKey;
    const originMs = schedule.clockAt(0);
    const horizonMs = schedule.elapsedAt(this.#clockMs + LOOKAHEAD_MS);
    for (let index = from; index < to; index++) {
      const recordedAtMs = block.recordedAtMs[index]!;
      const pacedAtMs = block.pacedAtMs[index]!;
      const dueMs = schedule.next(pacedAtMs);
      if (dueMs > horizonMs || dueMs >= durationMs) return index;
      const dataStart = block.dataStart[index]!;
      const dataEnd = block.dataEnd[index]!;
      const keyStart = block.keyStart[index]!;
      const keyEnd = block.keyEnd[index]!;
      const ownKey = keyStart >= 0 && !shared;
      const bytes = dataEnd - dataStart + (ownKey ? keyEnd - keyStart : otherKey.length);
      const attributesBytes =
        spread !== undefined ? spread.digits.length : hasAttributes ? block.attributesBytes(index) : 0;
      const countedBytes = attributesCount ? bytes + attributesBytes : bytes;
      if (countedBytes > recordBytesMax) {
        this.#reject({ index, file: block.file, line: block.line[index]!, reason: this.#tooLarge(countedBytes) });
        continue;
      }
      if (!ownKey && !shared && ordered) throw withoutKey(block, index);
      const packBytes = bytes + attributesBytes;
      const worker = ownKey ? this.#router.route(block.bytes, keyStart, keyEnd) : this.#workerOfOtherKey(packBytes);
      const pack = this.#packer.packFor(worker, packBytes);
      if (pack === undefined) {
        this.#hasRoom = false;
        return index;
      }
      if (spread !== undefined) {
        pack.setAttributes(spread.digits, 0, attributesBytes);
        spread.advance();
      } else if (attributesBytes > 0)
        pack.setAttributes(block.bytes, block.attributesStart[index]!, block.attributesEnd[index]!);
      const clockMs = originMs + dueMs;
      if (pack.numbered) pack.setOrdinal(this.position);
      if (ownKey) pack.add(block.bytes, dataStart, dataEnd, keyStart, keyEnd, clockMs, recordedAtMs);
      else pack.addKeyed(block.bytes, dataStart, dataEnd, otherKey, clockMs, recordedAtMs);
      if (keyStart === NULL_KEY && !shared && otherKey.length > 0) this.nullKeys++;
      schedule.advance(dueMs, pacedAtMs);
      this.read++;
    }
    return to;
  }

  /** Passes over records that earlier legs of the run settled. Returns how many of the next `most` these are. */
  #skip(most: number): number {
    const settled = Math.min(most, this.#resumption?.settledFrom(this.position) ?? 0);
    this.skipped += settled;
    return settled;
  }

  /** The same for a whole block; false: something in it is to be sent. */
  #skipBlock({ count, bad }: RecordBlock): boolean {
    if (this.#ended() || (this.#resumption?.settledFrom(this.position) ?? 0) < count + bad.length) return false;
    this.skipped += count + bad.length;
    return true;
  }

  /** How many of the next records are to be sent, as far as earlier legs of the run knew them. */
  #unsettled(): number {
    const resumption = this.#resumption;
    if (resumption === undefined) return Number.POSITIVE_INFINITY;
    if (this.position < resumption.next) this.#schedule.catchUp(this.#clockMs);
    else {
      this.#schedule.goOn(this.#clockMs);
      this.#resumption = undefined;
    }
    return resumption.unsettledFrom(this.position);
  }

  /** Makes a key for a record that has none, unless it shall have none, and picks the worker of a record of so many bytes. */
  #workerOfOtherKey(packBytes: number): number {
    if (this.#sharedWorker !== undefined) return this.#sharedWorker;
    const key = this.#otherKey;
    if (key.length === 0) return this.#packer.takeTurn(packBytes);
    writeRandomKey(key);
    return this.#router.route(key, 0, key.length);
  }

  /** Whether the next record is due after the run's time. Without a schedule, records are due until it is over by the clock. */
  #pastDuration(pacedAtMs: number): boolean {
    const { durationMs } = this.#options;
    if (durationMs === undefined) return false;
    const dueMs = this.#schedule.next(pacedAtMs);
    return (dueMs === Number.NEGATIVE_INFINITY ? this.#schedule.elapsedAt(this.#clockMs) : dueMs) >= durationMs;
  }

  /** How long nothing changes by itself: a worker that gets room, the end of a pause and a new rate ring the changed. */
  #waitMs(): number {
    const dueInMs = this.#waitingDueMs - LOOKAHEAD_MS - this.#clockMs;
    return Math.min(Math.max(TICK_MS, dueInMs), 1_000);
  }

  /** Hands over what is packed. */
  flush(): void {
    this.#packer.flush();
  }

  #endedEarly(): KloadError {
    const [known, now] = [this.#resumption?.next, this.position].map((n) => formatCount(n ?? 0));
    return new KloadError(
      'input',
      `the input has ${now} records now; when the run was interrupted, ${known} had been read of it`,
      'resume with the input as it was, or delete the checkpoint and begin anew',
    );
  }

  #tooLarge(bytes: number): string {
    const { attributesCount, targetWord, recordBytesMax } = this.#options;
    const attributes = attributesCount ? ' and headers' : '';
    return `the record has ${bytes} bytes with its key${attributes}, the ${targetWord} takes ${recordBytesMax}`;
  }

  #reject(record: BadRecord): void {
    const { file, line, reason } = record;
    this.read++;
    this.rejected++;
    const at = `${file}:${line}`;
    if (this.rejectedFirst.length < REJECTED_NAMED) this.rejectedFirst.push({ at, reason });
    if (!this.#options.skipBadRecords) {
      this.#refused = 1;
      const hint = badRecordHint(record, this.#readingOf(record), this.#sharedWorker !== undefined);
      throw new KloadError('input', `${at}: ${reason}`, hint);
    }
  }

  /** How the file of a bad record is read, if nothing of it could be used before. */
  #readingOf({ index, file }: BadRecord): FileReading | undefined {
    if (index > 0 || file === this.#usableFile) return undefined;
    return this.#source?.found.files.find((reading) => reading.file === file);
  }
}

/** A random key would have an order of its own, which is none. */
function withoutKey({ file, line }: RecordBlock, index: number): KloadError {
  return new KloadError(
    'usage',
    `${file}:${line[index]}: --ordered keeps the order of each partition key, and the record has none`,
    'name its place with --partition-key-field, give all records one with --partition-key, or leave --ordered out',
  );
}
