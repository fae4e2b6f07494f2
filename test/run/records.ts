import { PackedRecords, type RecordRanges } from '../../src/run/between/packed-records.js';
import { type HeldPack, PendingRecord } from '../../src/run/worker/pending-record.js';

export interface GivenRecord {
  readonly data: string;
  readonly key?: string;
  /** Decimal digits; '' for none. */
  readonly hashKey?: string;
  readonly dueMs?: number;
  readonly recordedAtMs?: number;
}

/** A pack with exactly these records, and room for the byte between the key and the data of each. */
export function packOf(records: readonly GivenRecord[], spareBytes = 0): PackedRecords {
  const bytes = records.reduce(
    (sum, { data, key = '', hashKey = '' }) => sum + Buffer.byteLength(data + key + hashKey),
    0,
  );
  const pack = PackedRecords.allocate(records.length, bytes + records.length + spareBytes);
  for (const record of records) addTo(pack, record);
  return pack;
}

/** Adds the record from its own buffer, with its key before its data. */
export function addTo(pack: PackedRecords, record: GivenRecord): void {
  const { data, key = '', hashKey = '', dueMs = 0, recordedAtMs = Number.NaN } = record;
  const from = Buffer.from(`##${key}#${data}##`);
  const keyEnd = 2 + Buffer.byteLength(key);
  const dataStart = keyEnd + 1;
  const dataEnd = dataStart + Buffer.byteLength(data);
  if (hashKey !== '') pack.setAttributes(Buffer.from(`-${hashKey}-`), 1, 1 + hashKey.length);
  pack.add(from, dataStart, dataEnd, 2, keyEnd, dueMs, recordedAtMs);
  pack.copyPending();
}

/** One of the records of a pack. */
export function recordIn(pack: PackedRecords, index: number): Required<GivenRecord> {
  const { dataStart, dataEnd, keyStart, keyEnd, attributesStart, attributesEnd } = rangesIn(pack, index);
  return {
    data: pack.bytes.toString('utf8', dataStart, dataEnd),
    key: pack.bytes.toString('utf8', keyStart, keyEnd),
    hashKey: attributesEnd === 0 ? '' : pack.bytes.toString('utf8', attributesStart, attributesEnd),
    dueMs: pack.intendedAtMs(index),
    recordedAtMs: pack.recordedAtMs(index),
  };
}

export function rangesIn(pack: PackedRecords, index: number): RecordRanges {
  const ranges = {
    source: pack.bytes,
    dataStart: 0,
    dataEnd: 0,
    keyStart: 0,
    keyEnd: 0,
    attributesStart: 0,
    attributesEnd: 0,
  };
  pack.locate(index, ranges);
  return ranges;
}

/** The record at an index of a pack. */
export function pendingIn(pack: HeldPack, index: number): PendingRecord {
  const record = new PendingRecord(pack, index);
  pack.records.locate(index, record);
  return record;
}

/** A record in its own pack. */
export function pendingOf(record: GivenRecord): PendingRecord {
  return pendingIn({ records: packOf([record]), unsettled: 1 }, 0);
}
