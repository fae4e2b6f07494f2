import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedRecords } from '../../src/run/packed-records.js';
import { addTo, packOf, recordIn } from './records.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('', '鍵', '🔑🔑', '\u0000', 'e\u0301'),
);
const time = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY, 0, 1.7e12 + 0.123));
const record = fc.record({ data: text, key: text, dueMs: time, recordedAtMs: time });

function contentOf(pack: PackedRecords) {
  return Array.from({ length: pack.count }, (_, i) => recordIn(pack, i));
}

describe('packed records', () => {
  it('come out as they went in, on this side and, with their buffer, on the other', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), fc.integer({ min: 0, max: 100 }), (records, spare) => {
        const pack = packOf(records, spare);
        expect(contentOf(pack)).toEqual(records);
        const { capacity, count } = pack;
        const buffer = structuredClone(pack.buffer, { transfer: [pack.buffer] });
        expect(contentOf(new PackedRecords(buffer, capacity, count))).toEqual(records);
      }),
    );
  });

  it('are the same after compacting, in a buffer that is as small as it can be', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), (records) => {
        const pack = PackedRecords.allocate(100, 20_000);
        for (const one of records) addTo(pack, one);
        const compact = pack.compacted();
        expect(contentOf(compact)).toEqual(records);
        expect(contentOf(pack)).toEqual(records);
        expect(compact.buffer.byteLength).toBe(packOf(records).buffer.byteLength);
        expect(compact.hasRoomFor(0)).toBe(false);
      }),
    );
  });

  it('take binary data byte for byte, and a key from another buffer', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const pack = PackedRecords.allocate(2, 512);
    pack.add(bytes, 0, 256, Buffer.from('-key-'), 1, 4, 1, 2);
    pack.add(bytes, 128, 256, bytes, 65, 68, 1, 2);
    expect([...pack.bytes.subarray(0, pack.dataEnd(0))]).toEqual([...bytes]);
    expect([...pack.bytes.subarray(pack.dataStart(1), pack.dataEnd(1))]).toEqual([...bytes.subarray(128)]);
    expect([recordIn(pack, 0).key, recordIn(pack, 1).key]).toEqual(['key', 'ABC']);
  });
});

describe('the room of a pack', () => {
  it('ends with its bytes or its records, whichever comes first', () => {
    const pack = PackedRecords.allocate(3, 10);
    expect([pack.hasRoomFor(10), pack.hasRoomFor(11)]).toEqual([true, false]);
    addTo(pack, { data: 'abcd', key: 'xy' });
    expect(pack.bytesUsed).toBe(6);
    expect([pack.hasRoomFor(4), pack.hasRoomFor(5)]).toEqual([true, false]);
    addTo(pack, { data: '' });
    addTo(pack, { data: '' });
    expect(pack.hasRoomFor(0)).toBe(false);
  });

  it('is all there again when the buffer is used anew', () => {
    const { buffer, capacity } = packOf([{ data: 'abc', key: 'k' }]);
    const again = new PackedRecords(buffer, capacity, 0);
    expect([again.bytesUsed, again.hasRoomFor(4)]).toEqual([0, true]);
    addTo(again, { data: 'new', dueMs: 7 });
    expect(contentOf(again)).toEqual([{ data: 'new', key: '', dueMs: 7, recordedAtMs: Number.NaN }]);
  });
});
