import type { LiveRecording } from '../../core/live.js';
import { type BadRecord, NULL_KEY, type RecordBlock, type Source } from '../../core/record.js';
import type { Deal } from '../../route/deal.js';
import type { Router } from '../../route/router.js';
import type { Schedule } from '../../schedule/schedule.js';
import { nowMs } from '../../system/clock.js';
import type { PackedRecords } from '../between/packed-records.js';
import type { EarlierLegs } from '../checkpoint/earlier-legs.js';
import { BlockReader } from './block-reader.js';
import type { Condition } from './condition.js';
import type { FeedMade, FeedOptions } from './feed-options.js';
import { Packer, type PackSink } from './packer.js';
import { RANDOM_KEY_BYTES, writeRandomKey } from './random-key.js';
import { type Rejected, Rejections, readingOf, withoutKey } from './rejections.js';

/** Records that have come due are dispatched at most this often. */
const TICK_MS = 10;
/** Only a pipe yields nothing for this long. A file always has its next block sooner. */
const SILENCE_MS = 500;
/** The clock is read once for this many records. */
const CLOCK_EVERY = 256;

/**
 * The main thread's part of a run: reads the records, gives each its intended time, picks its worker, and
 * dispatches them in packs. Never dispatches more than a worker has room for.
 */
export class Feed {
  /** Records taken from the input, including the rejected ones. */
  read = 0;
  /** Records that other parts of the run send. `read` does not count them. */
  others = 0;
  /** Records that explicitly have a null key, and got a random one. */
  nullKeys = 0;
  /** The whole input was read. */
  reachedEnd = false;
  /** The next record waits for room in its worker. */
  waitsForRoom = false;
  /** How much of the current block was dispatched, 0 to 1. */
  blockShare = 0;
  /** While the feed waits for the next record: when that record is due, on the clock. Otherwise Infinity. */
  #waitingDueMs = Number.POSITIVE_INFINITY;
  /** When the last dispatched record was recorded, and the next, which is due at `#nextDueMs` of the schedule. */
  #passedAtMs = Number.NEGATIVE_INFINITY;
  #nextAtMs = Number.NEGATIVE_INFINITY;
  #nextDueMs = Number.NEGATIVE_INFINITY;

  readonly #schedule: Schedule;
  readonly #router: Router;
  readonly #workers: number;
  readonly #packer: Packer;
  readonly #changed: Condition;
  readonly #options: FeedOptions;
  readonly #rejections: Rejections;
  /** The key of records without their own: the user's key for all records, or the last random key, or empty. */
  readonly #otherKey: Buffer;
  /** The worker of all records, if they share a key. */
  readonly #sharedWorker: number | undefined;
  /** undefined once the feed has passed all records that earlier legs read. */
  #earlier: EarlierLegs | undefined;
  #source: Source | undefined;
  #reader: BlockReader | undefined;
  /** The last file that held a usable record. */
  #usableFile = '';
  /** With turns: whether the records of other parts before the next one were passed. */
  #isTurn = false;
  #stopped = false;
  #hasRoom = true;
  #clockMs = nowMs();

  /** @param changed set when a worker has room again, and when a stop, a pause or a new rate changes what may go */
  constructor(
    schedule: Schedule,
    router: Router,
    pool: PackSink,
    workers: number,
    changed: Condition,
    options: FeedOptions,
  ) {
    this.#schedule = schedule;
    this.#router = router;
    this.#workers = workers;
    this.#packer = new Packer(pool, workers);
    this.#changed = changed;
    this.#options = options;
    this.#rejections = new Rejections(options);
    const shared = options.partitionKey === undefined ? undefined : Buffer.from(options.partitionKey);
    this.#otherKey = shared ?? Buffer.alloc(options.keyless === 'random' ? RANDOM_KEY_BYTES : 0);
    this.#sharedWorker = shared && router.route(shared, 0, shared.length);
    this.#earlier = options.earlier;
  }

  /** Records that earlier legs of the run settled, and that this one skipped. `read` does not count them. */
  get skipped(): number {
    return this.#options.earlier?.skipped ?? 0;
  }

  get rejected(): number {
    return this.#rejections.count;
  }

  /** The first rejected records, at most ten. */
  get rejectedFirst(): readonly Rejected[] {
    return this.#rejections.first;
  }

  /** The ordinal of the next record, among those of all parts of the run. */
  get position(): number {
    return this.read + this.others + this.skipped - this.#rejections.fatal;
  }

  /** Rejected records before `position`. */
  get rejectedBefore(): number {
    return this.rejected - this.#rejections.fatal;
  }

  /** Records between `position` and the first record that no earlier leg of the run read. */
  get leftOfEarlierLegs(): number {
    return Math.max(0, (this.#earlier?.next ?? 0) - this.position);
  }

  /** For how long the record that waits for room has been due; 0 when no record is late. */
  behindMs(clockMs: number): number {
    return this.waitsForRoom ? Math.max(0, clockMs - this.#waitingDueMs) : 0;
  }

  /** In how many milliseconds the next record is due; 0 when it is due already, or not known. */
  dueInMs(clockMs: number): number {
    const dueInMs = this.#waitingDueMs - clockMs;
    return dueInMs > 0 && Number.isFinite(dueInMs) ? dueInMs : 0;
  }

  /** Where the feed is in a recording; undefined for other schedules, and before the first record. */
  recording(clockMs: number): LiveRecording | undefined {
    const { mode } = this.#schedule;
    if (mode.kind !== 'recorded' || this.#nextAtMs === Number.NEGATIVE_INFINITY) return undefined;
    const nextDueInMs = Math.max(0, this.#nextDueMs - this.#schedule.elapsedAt(clockMs));
    return { atMs: Math.max(this.#passedAtMs, this.#nextAtMs - nextDueInMs * mode.speed), nextDueInMs };
  }

  /** Stops reading. Records that were read are dispatched. */
  stop(): void {
    this.#stopped = true;
    this.#reader?.interrupt();
    this.#changed.notify();
  }

  /**
   * Dispatches records until the input, the count or the duration ends, or `stop` is called.
   *
   * @param begin called when the first block has been read, which may take long for a pipe or the middle of a file
   * @throws KloadError `input` for a bad record, unless these are skipped; the records before it were dispatched
   */
  async run(source: Source, begin: () => void | Promise<void> = () => {}): Promise<void> {
    this.#source = source;
    const reader = new BlockReader(source);
    this.#reader = reader;
    // A pipe may stay silent for ever. A file that is read late may still hold records that were due before the end.
    const silence = setInterval(() => this.#silentPastDuration(reader) && reader.interrupt(), SILENCE_MS);
    try {
      let block = await this.#nextBlock(reader);
      while (block !== undefined && this.#skipBlock(block)) block = await this.#nextBlock(reader);
      await begin();
      while (block !== undefined && (await this.#feedBlock(block))) {
        this.blockShare = 1;
        // A pipe may have no next block for a long time.
        if (this.#ended()) break;
        block = await this.#nextBlock(reader);
      }
      const atEnd = block === undefined && !this.#stopped;
      if (atEnd && this.leftOfEarlierLegs > 0) throw this.#earlier!.inputEndedAt(this.position);
      this.reachedEnd = atEnd;
    } finally {
      clearInterval(silence);
      this.flush();
      reader.close();
    }
  }

  /** Dispatches all packed records. */
  flush(): void {
    this.#packer.flush();
  }

  /** The next block; undefined at the end of the input, or when the run is stopped. */
  #nextBlock(reader: BlockReader): Promise<RecordBlock | undefined> {
    if (this.#stopped) return Promise.resolve(undefined);
    // A file has its next block at once, and packs keep filling. Behind a pipe, packed records must not wait for it.
    return reader.next(() => this.flush(), TICK_MS);
  }

  /** Returns false when the run needs no more records. */
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
        if (this.#skip(1) === 0) this.#reject(refused, this.#ownsNumber);
      } else {
        const pacedAtMs = block.pacedAtMs[index]!;
        if (this.#ended() || this.#pastDuration(pacedAtMs)) return false;
        this.flush();
        this.blockShare = index / block.count;
        this.waitsForRoom = !this.#hasRoom;
        if (index > 0) this.#passedAtMs = block.pacedAtMs[index - 1]!;
        this.#nextAtMs = pacedAtMs;
        this.#nextDueMs = this.#schedule.next(pacedAtMs);
        this.#waitingDueMs = this.#schedule.clockAt(this.#nextDueMs);
        await this.#changed.wait(this.#waitMs());
        this.waitsForRoom = false;
        this.#waitingDueMs = Number.POSITIVE_INFINITY;
      }
    }
    if (block.count > 0) {
      this.#usableFile = block.file;
      this.#passedAtMs = block.pacedAtMs[block.count - 1]!;
    }
    // The source is about to overwrite the bytes of the block.
    this.#packer.copyPending();
    return true;
  }

  /** Whether the source is silent, and no more records are due. */
  #silentPastDuration({ waitsSinceMs }: BlockReader): boolean {
    const now = nowMs();
    return now - waitsSinceMs >= SILENCE_MS && this.#schedule.elapsedAt(now) >= this.#schedule.endMs;
  }

  #ended(): boolean {
    return this.#stopped || this.position >= (this.#options.count ?? Number.POSITIVE_INFINITY);
  }

  /**
   * Packs usable records of the block, up to one that may not be dispatched, or not yet. Returns its index.
   * Nothing is awaited here: a promise for each record would cost more than everything else that is done to it.
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

  /** A part of #feedStretch for which the clock is read once. Every record goes through this loop (some 80 ns each). */
  #feedDue(block: RecordBlock, from: number, to: number): number {
    if (block.made) return this.#feedMade(from, to);
    const schedule = this.#schedule;
    const { turn } = this.#options;
    const { recordBytesMax, spread, keepsAttributes, attributesCount, ordered, deal } = this.#options;
    const { durationMs = Number.POSITIVE_INFINITY } = this.#options;
    const shared = this.#sharedWorker !== undefined;
    const hasAttributes = keepsAttributes && spread === undefined && block.hasAttributes;
    const otherKey = this.#otherKey;
    const originMs = schedule.clockAt(0);
    const horizonMs = schedule.elapsedAt(this.#clockMs + this.#options.lookaheadMs);
    for (let index = from; index < to; index++) {
      const recordedAtMs = block.recordedAtMs[index]!;
      const pacedAtMs = block.pacedAtMs[index]!;
      if (turn !== undefined) this.#passBefore(turn.before, block, index);
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
      const isOwn =
        deal === undefined || (ownKey ? deal.ownsKey(block.bytes, keyStart, keyEnd) : deal.ownsNumber(this.position));
      if (countedBytes > recordBytesMax) {
        const reason = this.#rejections.tooLarge(countedBytes);
        this.#reject({ index, file: block.file, line: block.line[index]!, reason }, isOwn);
        continue;
      }
      if (!ownKey && !shared && ordered) throw withoutKey(block, index);
      if (!isOwn) {
        spread?.advance();
        schedule.pass(dueMs, pacedAtMs, countedBytes);
        this.others++;
        continue;
      }
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
      schedule.advance(dueMs, pacedAtMs, countedBytes);
      this.read++;
      if (turn !== undefined) {
        this.#passAll(turn.after, countedBytes);
        this.#isTurn = false;
      }
    }
    return to;
  }

  /** The other parts' records before the next one of this part are as large. */
  #passBefore(count: number, block: RecordBlock, index: number): void {
    if (this.#isTurn) return;
    this.#isTurn = true;
    const keyBytes =
      block.keyStart[index]! >= 0 ? block.keyEnd[index]! - block.keyStart[index]! : this.#otherKey.length;
    this.#passAll(count, block.dataEnd[index]! - block.dataStart[index]! + keyBytes);
  }

  #passAll(count: number, bytesEach: number): void {
    for (let i = 0; i < count; i++) this.#schedule.pass(this.#schedule.next(Number.NaN), Number.NaN, bytesEach);
  }

  /** The same for records that the workers make: only their numbers and times are sent (some 10 ns each). */
  #feedMade(from: number, to: number): number {
    const schedule = this.#schedule;
    const { durationMs = Number.POSITIVE_INFINITY, made, deal } = this.#options;
    if (made === undefined) throw new Error('the workers have nothing to make records from');
    const originMs = schedule.clockAt(0);
    const horizonMs = Math.min(schedule.elapsedAt(this.#clockMs + this.#options.lookaheadMs), durationMs);
    const onlyWorker = this.#sharedWorker ?? (this.#workers === 1 ? 0 : undefined);
    let ordinal = this.position;
    let pack: PackedRecords | undefined;
    /** Further records that the pack has room for. Asked for each record, it would cost as much as the rest. */
    let room = 0;
    for (let index = from; index < to; index++) {
      if (deal !== undefined) {
        const others = this.#passOthers(deal, made, ordinal, to - index, horizonMs);
        index += others;
        ordinal += others;
        if (index === to) break;
      }
      const dueMs = schedule.next(Number.NaN);
      if (dueMs > horizonMs || dueMs >= durationMs) return index;
      if (room === 0 || onlyWorker === undefined) {
        const worker = onlyWorker ?? this.#router.routeNumber(made.keyOf(ordinal));
        pack = this.#packer.packFor(worker, made.bytes);
        if (onlyWorker !== undefined && pack !== undefined) room = pack.roomForRecords(made.bytes);
      }
      if (pack === undefined) {
        this.#hasRoom = false;
        return index;
      }
      room--;
      pack.addMade(ordinal, originMs + dueMs, made.bytes);
      schedule.advance(dueMs, Number.NaN, made.countedBytes(ordinal));
      ordinal++;
      this.read++;
    }
    return to;
  }

  /** Passes the made records of other parts that are due, at most `most` of them. Returns how many it has passed. */
  #passOthers(deal: Deal, made: FeedMade, ordinal: number, most: number, horizonMs: number): number {
    const schedule = this.#schedule;
    let passed = 0;
    while (passed < most) {
      const due = Math.min(most - passed, schedule.dueBy(horizonMs, made.bytesEach));
      const others = made.othersFrom(deal, ordinal + passed, due);
      if (others === 0) break;
      const bytes = made.bytesEach === undefined ? made.countedBytes(ordinal + passed) : made.bytesEach * others;
      schedule.passMany(others, bytes);
      passed += others;
      if (others < due) break;
    }
    this.others += passed;
    return passed;
  }

  /** Whether the next record is this part's if it has no key, or none that can be read. */
  get #ownsNumber(): boolean {
    return this.#options.deal?.ownsNumber(this.position) ?? true;
  }

  /** Skips records that earlier legs of the run settled, at most `most` of them. Returns how many it has skipped. */
  #skip(most: number): number {
    return this.#earlier?.skip(this.position, most) ?? 0;
  }

  /** Skips a whole block. Returns false, and skips nothing, if the block holds a record to send. */
  #skipBlock({ count, bad }: RecordBlock): boolean {
    if (this.#ended()) return false;
    const size = count + bad.length;
    return this.#earlier === undefined ? size === 0 : this.#earlier.skipAll(this.position, size);
  }

  /**
   * How many records from the next one on are to be sent before the next settled one. Also tells the schedule whether
   * an earlier leg read the next record.
   */
  #unsettled(): number {
    const earlier = this.#earlier;
    if (earlier === undefined) return Number.POSITIVE_INFINITY;
    if (this.position < earlier.next) this.#schedule.catchUp(this.#clockMs);
    else {
      this.#schedule.caughtUp(this.#clockMs);
      this.#earlier = undefined;
    }
    return earlier.unsettledFrom(this.position);
  }

  /** Picks the worker of a record that uses `#otherKey`, after making a random key if it needs one. */
  #workerOfOtherKey(packBytes: number): number {
    if (this.#sharedWorker !== undefined) return this.#sharedWorker;
    const key = this.#otherKey;
    if (key.length === 0) return this.#packer.takeTurn(packBytes);
    writeRandomKey(key);
    return this.#router.route(key, 0, key.length);
  }

  /**
   * Whether the next record is due after the duration, or never: its rate has ended. Without a schedule: whether the
   * duration is over.
   */
  #pastDuration(pacedAtMs: number): boolean {
    const { durationMs = Number.POSITIVE_INFINITY } = this.#options;
    const dueMs = this.#schedule.next(pacedAtMs);
    return (dueMs === Number.NEGATIVE_INFINITY ? this.#schedule.elapsedAt(this.#clockMs) : dueMs) >= durationMs;
  }

  /** How long to wait for `#changed`, which is set when a worker gets room, a pause ends or the rate changes. */
  #waitMs(): number {
    const dueInMs = this.#waitingDueMs - this.#options.lookaheadMs - this.#clockMs;
    return Math.min(Math.max(TICK_MS, dueInMs), 1_000);
  }

  /** @param isOwn false: another part of the run counts it. With `--on-bad-record fail`, it ends every part */
  #reject(record: BadRecord, isOwn: boolean): void {
    const reading = readingOf(record, this.#usableFile, this.#source);
    if (isOwn) {
      this.read++;
      this.#rejections.add(record, reading);
    } else {
      this.#rejections.passOver(record, reading);
      this.others++;
    }
  }
}
