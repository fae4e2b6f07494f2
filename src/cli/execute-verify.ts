import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { NO_VALUE_MARK } from '../bytes/kafka-headers.js';
import type { TailPlan } from '../config/tail-plan.js';
import type { VerifyPlan } from '../config/verify-plan.js';
import { EXIT_CODES, KloadError, messageOf } from '../core/errors.js';
import { NO_KEY, NULL_KEY, type RecordBlock, type Source } from '../core/record.js';
import type { Recording } from '../core/recording.js';
import type { StreamRecord } from '../core/stream-record.js';
import { formatCount } from '../core/units.js';
import { openSource } from '../input/open-source.js';
import { openReading } from '../tail/open-tail.js';
import type { RecordSink } from '../tail/output.js';
import { shortShardId } from '../tail/record-format.js';
import type { TailNotes } from '../tail/tail.js';
import { targetKind } from '../target/kinds.js';
import { tailKind } from '../target/tail-kinds.js';
import { Difference, type Side, type Unmatched } from '../verify/content/difference.js';
import { RecordHash } from '../verify/content/record-hash.js';
import { printLines } from './print.js';
import { onStopSignal } from './stop-signals.js';

/** How many differences of each kind are printed. */
const SHOWN_MAX = 100;
const NO_VALUE = NO_VALUE_MARK.charCodeAt(0);

/** Counts of a verification, as `--json` prints them. */
interface VerifyResult {
  readonly schema: 'kload.verify-content/1';
  readonly equal: boolean;
  readonly expected: number;
  readonly found: number;
  readonly missing: number;
  readonly extra: number;
  /** Records whose data does not have `--field`. They were compared as a whole. */
  readonly withoutField: number;
}

/** Compares what should be there with what is there, and returns the exit code. */
export async function executeVerify(plan: VerifyPlan): Promise<number> {
  const stopping = new AbortController();
  const offSignals = onStopSignal(() => stopping.abort());
  // Opened first, so that a mistake is found before anything is read.
  const details = plan.details === undefined ? undefined : await openDetails(plan.details);
  const difference = new Difference(plan.memoryBytes);
  try {
    const { expected, found, field } = plan;
    const input = 'recording' in expected ? await InputReader.open(expected.recording, found) : undefined;
    const hash = new RecordHash({ keys: input?.hasKeys ?? true, field });
    const sinks = {
      expected: new SideReader('expected', hash, difference),
      found: new SideReader('found', hash, difference),
    };
    const reads = [readTail(found, plan, sinks.found, stopping)];
    if ('tail' in expected) reads.push(readTail(expected.tail, plan, sinks.expected, stopping));
    else reads.push(input!.read(sinks.expected, stopping.signal));
    await allOrNone(reads, stopping);
    if (stopping.signal.aborted) return EXIT_CODES.interrupted.code;
    const isEqual = await report(plan, difference, details, sinks, hash.withoutField);
    return isEqual ? EXIT_CODES.ok.code : EXIT_CODES.failures.code;
  } finally {
    difference.close();
    details?.destroy();
    offSignals();
  }
}

/** Adds the records of one side to the difference. */
class SideReader implements RecordSink {
  records = 0;
  bytes = 0;
  readonly #side: Side;
  readonly #hash: RecordHash;
  readonly #difference: Difference;

  constructor(side: Side, hash: RecordHash, difference: Difference) {
    this.#side = side;
    this.#hash = hash;
    this.#difference = difference;
  }

  add(key: StreamRecord['key'], data: Uint8Array | null, location: string): void {
    this.#difference.add(this.#side, this.#hash.of(key, data), location);
    this.records++;
    this.bytes += data?.length ?? 0;
  }

  async write(batch: readonly StreamRecord[]): Promise<boolean> {
    for (const { key, data, shardId, sequenceNumber } of batch) this.add(key, data, `${shardId}\t${sequenceNumber}`);
    return true;
  }
}

/** Reads the recording that should be there. */
class InputReader {
  readonly #blocks: AsyncIterator<RecordBlock>;
  readonly #first: IteratorResult<RecordBlock>;

  private constructor(blocks: AsyncIterator<RecordBlock>, first: IteratorResult<RecordBlock>) {
    this.#blocks = blocks;
    this.#first = first;
  }

  static async open(recording: Recording, { source }: TailPlan): Promise<InputReader> {
    const { record: traits } = targetKind(source.kind);
    const opened: Source = await openSource({ ...recording, needsTimestamp: false, traits });
    const blocks = opened.blocks()[Symbol.asyncIterator]();
    return new InputReader(blocks, await blocks.next());
  }

  /** Whether the first record has a key of its own. If not, keys are made when it is sent, and are not compared. */
  get hasKeys(): boolean {
    return this.#first.done !== true && this.#first.value.count > 0 && this.#first.value.keyStart[0] !== NO_KEY;
  }

  async read(side: SideReader, signal: AbortSignal): Promise<void> {
    for (let next = this.#first; next.done !== true && !signal.aborted; next = await this.#blocks.next()) {
      addBlock(next.value, side);
      // Reading a file must not keep the other side from being read.
      await setImmediate();
    }
  }
}

function addBlock(block: RecordBlock, side: SideReader): void {
  const [bad] = block.bad;
  if (bad !== undefined) {
    throw new KloadError('input', `${bad.file}:${bad.line}: ${bad.reason}`, 'fix the record, or leave it out');
  }
  const { bytes, file, keyStart, keyEnd, dataStart, dataEnd, line } = block;
  for (let i = 0; i < block.count; i++) {
    const start = keyStart[i]!;
    const key = start === NO_KEY || start === NULL_KEY ? null : bytes.subarray(start, keyEnd[i]!);
    const hasNoValue = block.attributesBytes(i) > 0 && bytes[block.attributesStart[i]!] === NO_VALUE;
    const data = hasNoValue ? null : bytes.subarray(dataStart[i]!, dataEnd[i]!);
    side.add(key, data, `${file}\t${line[i]!}`);
  }
}

async function readTail(
  plan: TailPlan,
  { quiet }: VerifyPlan,
  sink: SideReader,
  stopping: AbortController,
): Promise<void> {
  const open = await openReading(plan, new Notes(plan, quiet), stopping.signal, sink);
  const stop = () => open.tail.stop();
  stopping.signal.addEventListener('abort', stop);
  try {
    if (!quiet) printLines(process.stderr, `kload verify: reading ${open.location}${open.method}`);
    await open.tail.run();
  } finally {
    stopping.signal.removeEventListener('abort', stop);
    await open.close();
  }
}

/** Waits for all reads. If one fails, the others end. */
async function allOrNone(reads: readonly Promise<void>[], stopping: AbortController): Promise<void> {
  let failure: unknown;
  await Promise.all(
    reads.map((read) =>
      read.catch((error: unknown) => {
        failure ??= error;
        stopping.abort();
      }),
    ),
  );
  if (failure !== undefined) throw failure;
}

class Notes implements TailNotes {
  readonly #plan: TailPlan;
  readonly #quiet: boolean;

  constructor(plan: TailPlan, quiet: boolean) {
    this.#plan = plan;
    this.#quiet = quiet;
  }

  waiting(text: string): void {
    if (!this.#quiet) printLines(process.stderr, `kload verify: ${text}`);
  }

  lost(shardId: string, from: number, to: number): void {
    const { words } = tailKind(this.#plan.source.kind);
    this.waiting(`${words.shard} ${shardId}: offsets ${from} to ${to - 1} no longer exist`);
  }

  ready(): void {}
  resharded(): void {}
  grown(): void {}
  trouble(): void {}
  recovered(): void {}
}

/** Prints the result, and returns whether both sides hold the same records. */
async function report(
  plan: VerifyPlan,
  difference: Difference,
  details: WriteStream | undefined,
  sides: Readonly<Record<Side, SideReader>>,
  withoutField: number,
): Promise<boolean> {
  const counts = { expected: 0, found: 0 };
  const shown: Record<Side, string[]> = { expected: [], found: [] };
  for (const one of difference.unmatched()) {
    const { side } = one;
    if (++counts[side] <= SHOWN_MAX) shown[side].push(`  ${placeOf(one)}`);
    const line = { kind: side === 'expected' ? 'missing' : 'extra', place: one.place, position: one.position };
    if (details?.write(`${JSON.stringify(line)}\n`) === false) await once(details, 'drain');
  }
  if (details !== undefined) {
    details.end();
    await once(details, 'close');
  }
  const { expected: missing, found: extra } = counts;
  const equal = missing + extra === 0;
  if (plan.json) {
    const result: VerifyResult = {
      schema: 'kload.verify-content/1',
      ...{ equal, expected: sides.expected.records, found: sides.found.records, missing, extra, withoutField },
    };
    printLines(process.stdout, JSON.stringify(result));
    return equal;
  }
  const lines = [
    `expected  ${formatCount(sides.expected.records)}`,
    `found     ${formatCount(sides.found.records)}`,
    ...listed('missing ', missing, shown.expected),
    ...listed('extra   ', extra, shown.found),
  ];
  if (withoutField > 0) lines.push(`          ${formatCount(withoutField)} without the field, compared as a whole`);
  printLines(process.stdout, ...lines, equal ? 'equal' : 'different');
  return equal;
}

function listed(name: string, count: number, shown: readonly string[]): string[] {
  const more = count > shown.length ? [`  and ${formatCount(count - shown.length)} more: --details lists them`] : [];
  return [`${name}  ${formatCount(count)}`, ...shown, ...more];
}

/** `big.csv:17`, or `shard 3, 4957…` */
function placeOf({ side, place, position }: Unmatched): string {
  return side === 'expected' && !/^\d{20,}$/.test(position)
    ? `${place}:${position}`
    : `${shortShardId(place)} ${position}`;
}

async function openDetails(path: string): Promise<WriteStream> {
  const file = createWriteStream(path);
  try {
    await once(file, 'open');
  } catch (error) {
    throw new KloadError('output', `--details ${path} cannot be written: ${messageOf(error)}`, 'name another file');
  }
  return file;
}
