import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is compared, and what it is compared with. */
export type Side = 'expected' | 'found';

/** A record of one side that the other side does not have. */
export interface Unmatched {
  readonly side: Side;
  /** A file or a shard. */
  readonly place: string;
  /** A line or a sequence number. */
  readonly position: string;
}

interface Outstanding {
  readonly side: Side;
  /** Place and position of each record, in one text. */
  readonly locations: string[];
}

/** Roughly what an outstanding record takes in memory: its hash, its location and its entry in the map. */
const ENTRY_BYTES = 400;
/** The files that records are spilled to, by their hashes. */
const PARTITIONS = 64;
const PARTITION_BITS = 6;
/** How many records a partition collects before they are written. */
const PENDING_MAX = 512;
/** So often can 128 bits be split by six. */
const DEPTH_MAX = 20;
const READ_BYTES = 256 * 1024;
const HASH_CHARACTERS = 16;
/** The length of a location is written in two bytes. */
const HEAD_BYTES = 1 + HASH_CHARACTERS + 2;

/**
 * The difference of two multisets of records, by hashes of their content, in bounded memory. A record that both sides
 * have is forgotten when the second side brings it. When the others outgrow the memory, they are spilled to files of a
 * temporary folder, partitioned by their hashes, and each partition is matched at the end; one that is too large is
 * partitioned again.
 *
 * A billion records a side that come in opposite orders take 96 bytes each on disk (19, and 77 for a shard and a
 * sequence number), or 192 GB. A partition of a partition holds 490,000 of them, 244,000 different ones, and with
 * 64 MiB (168,000) is partitioned a third time: three writes and reads of each record.
 */
export class Difference {
  readonly #entriesMax: number;
  readonly #depth: number;
  readonly #outstanding = new Map<string, Outstanding>();
  #entries = 0;
  #spill: Spill | undefined;
  matched = 0;

  /** @param depth how often the records were partitioned before */
  constructor(memoryBytes: number, depth = 0) {
    this.#entriesMax = Math.max(1, Math.floor(memoryBytes / ENTRY_BYTES));
    this.#depth = depth;
  }

  /** Whether records were written to files. */
  get spilled(): boolean {
    return this.#spill !== undefined;
  }

  /**
   * @param hash     16 characters of Latin-1
   * @param location place and position, separated by a tab
   */
  add(side: Side, hash: string, location: string): void {
    const known = this.#outstanding.get(hash);
    if (known === undefined) this.#outstanding.set(hash, { side, locations: [location] });
    else if (known.side === side) known.locations.push(location);
    else {
      known.locations.pop();
      if (known.locations.length === 0) this.#outstanding.delete(hash);
      this.#entries--;
      this.matched += 2;
      return;
    }
    if (++this.#entries > this.#entriesMax) this.#spillAll();
  }

  /** Yields the records that only one side has, and deletes the files. Nothing can be added any more. */
  *unmatched(): Generator<Unmatched> {
    const spill = this.#spill;
    try {
      if (spill === undefined) {
        for (const { side, locations } of this.#outstanding.values()) {
          for (const location of locations) yield unmatchedAt(side, location);
        }
        return;
      }
      this.#spillAll();
      for (let partition = 0; partition < PARTITIONS; partition++) yield* this.#ofPartition(spill, partition);
    } finally {
      this.close();
    }
  }

  /** Deletes the files. */
  close(): void {
    this.#spill?.delete();
  }

  *#ofPartition(spill: Spill, partition: number): Generator<Unmatched> {
    // Records with one hash cannot be partitioned further, but their balance takes no more memory than one record.
    const balances = new Map<string, number>();
    for (const { side, hash } of spill.read(partition)) {
      balances.set(hash, (balances.get(hash) ?? 0) + (side === 'expected' ? 1 : -1));
      if (balances.size > this.#entriesMax) break;
    }
    if (balances.size > this.#entriesMax && this.#depth < DEPTH_MAX) {
      balances.clear();
      const part = new Difference(this.#entriesMax * ENTRY_BYTES, this.#depth + 1);
      for (const { side, hash, location } of spill.read(partition)) part.add(side, hash, location);
      yield* part.unmatched();
      this.matched += part.matched;
      return;
    }
    for (const { side, hash, location } of spill.read(partition)) {
      const balance = balances.get(hash)!;
      const isLeft = side === 'expected' ? balance > 0 : balance < 0;
      if (isLeft) {
        balances.set(hash, balance - Math.sign(balance));
        yield unmatchedAt(side, location);
      } else this.matched++;
    }
  }

  #spillAll(): void {
    this.#spill ??= new Spill(this.#depth);
    for (const [hash, { side, locations }] of this.#outstanding) {
      for (const location of locations) this.#spill.write(side, hash, location);
    }
    this.#spill.flush();
    this.#outstanding.clear();
    this.#entries = 0;
  }
}

function unmatchedAt(side: Side, location: string): Unmatched {
  const tab = location.lastIndexOf('\t');
  return { side, place: location.slice(0, tab), position: location.slice(tab + 1) };
}

/** Records in files, partitioned by bits of their hashes. */
class Spill {
  readonly #folder = mkdtempSync(join(tmpdir(), `kload-verify-${process.pid}-`));
  readonly #firstBit: number;
  /** Opened when their first records come. */
  readonly #files: (number | undefined)[] = new Array(PARTITIONS).fill(undefined);
  readonly #pending: Buffer[][] = [];

  constructor(depth: number) {
    this.#firstBit = depth * PARTITION_BITS;
    for (let partition = 0; partition < PARTITIONS; partition++) this.#pending.push([]);
  }

  write(side: Side, hash: string, location: string): void {
    const text = Buffer.from(location);
    const entry = Buffer.allocUnsafe(HEAD_BYTES + text.length);
    entry[0] = side === 'expected' ? 0 : 1;
    entry.write(hash, 1, 'latin1');
    entry.writeUInt16LE(text.length, 1 + HASH_CHARACTERS);
    text.copy(entry, HEAD_BYTES);
    const partition = this.#partitionOf(hash);
    const pending = this.#pending[partition]!;
    pending.push(entry);
    if (pending.length >= PENDING_MAX) this.#flush(partition);
  }

  flush(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) this.#flush(partition);
  }

  #flush(partition: number): void {
    const bytes = Buffer.concat(this.#pending[partition]!.splice(0));
    if (bytes.length === 0) return;
    const file = this.#files[partition] ?? openSync(join(this.#folder, String(partition)), 'w+');
    this.#files[partition] = file;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  }

  *read(partition: number): Generator<{ side: Side; hash: string; location: string }> {
    const file = this.#files[partition];
    if (file === undefined) return;
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    let bytes = Buffer.alloc(0);
    let position = 0;
    for (;;) {
      const count = readSync(file, chunk, 0, READ_BYTES, position);
      if (count === 0) return;
      position += count;
      bytes = Buffer.concat([bytes, chunk.subarray(0, count)]);
      let at = 0;
      while (at + HEAD_BYTES <= bytes.length) {
        const end = at + HEAD_BYTES + bytes.readUInt16LE(at + 1 + HASH_CHARACTERS);
        if (end > bytes.length) break;
        const side = bytes[at] === 0 ? 'expected' : 'found';
        const hash = bytes.toString('latin1', at + 1, at + 1 + HASH_CHARACTERS);
        yield { side, hash, location: bytes.toString('utf8', at + HEAD_BYTES, end) };
        at = end;
      }
      bytes = bytes.subarray(at);
    }
  }

  delete(): void {
    for (const file of this.#files.splice(0)) if (file !== undefined) closeSync(file);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Six bits of the hash, from a bit that is a multiple of six. */
  #partitionOf(hash: string): number {
    const byte = this.#firstBit >> 3;
    const two = (hash.charCodeAt(byte) << 8) | (byte + 1 < HASH_CHARACTERS ? hash.charCodeAt(byte + 1) : 0);
    return (two >> (16 - PARTITION_BITS - (this.#firstBit & 7))) & (PARTITIONS - 1);
  }
}
