import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedRecords } from '../../../src/run/between/packed-records.js';
import { addTo, packOf, rangesIn, recordIn } from '../records.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('', '鍵', '🔑🔑', '\u0000', 'e\u0301'),
);
const time = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY, 0, 1.7e12 + 0.123));
const hashKey = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String),
);
const record = fc.record({ data: text, key: text, hashKey, dueMs: time, recordedAtMs: time });

function contentOf(pack: PackedRecords) {
  return Array.from({ length: pack.count }, (_, i) => recordIn(pack, i));
}

describe('packed records', () => {
  it('are read as they were added, before and after their buffer is transferred', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), fc.integer({ min: 0, max: 100 }), (records, spare) => {
        const pack = packOf(records, spare);
        expect(contentOf(pack)).toEqual(records);
        const { capacity, count, hasAttributes } = pack;
        expect(hasAttributes).toBe(records.some(({ hashKey }) => hashKey !== ''));
        const buffer = structuredClone(pack.buffer, { transfer: [pack.buffer] });
        expect(contentOf(new PackedRecords(buffer, capacity, count, hasAttributes, false))).toEqual(records);
      }),
    );
  });

  it('are the same when copied to another pack, of any size and previous contents', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), fc.boolean(), fc.nat(200), (records, smaller, spare) => {
        const pack = PackedRecords.allocate(100, 20_000);
        for (const one of records) addTo(pack, one);
        const other = smaller
          ? PackedRecords.allocate(records.length + spare, pack.bytesUsed + spare)
          : PackedRecords.allocate(200 + spare, 40_000 + spare);
        new Uint8Array(other.buffer).fill(0xff);
        pack.copyInto(other);
        expect(contentOf(other)).toEqual(records);
        expect(contentOf(pack)).toEqual(records);
        expect(other.bytesUsed).toBe(pack.bytesUsed);
        expect(other.hasRoomFor(0)).toBe(other.capacity > records.length);
      }),
    );
  });

  it('can be followed by others after they were copied to another pack', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), fc.array(record, { maxLength: 10 }), (records, more) => {
        const pack = PackedRecords.allocate(40, 20_000);
        for (const one of records) addTo(pack, one);
        const other = PackedRecords.allocate(30, 20_000);
        new Uint8Array(other.buffer).fill(1);
        pack.copyInto(other);
        for (const one of more) addTo(other, one);
        const all = [...records, ...more];
        expect(contentOf(other)).toEqual(all);
        const attributes = all.map((_, at) => rangesIn(other, at).attributesEnd > 0);
        expect(attributes).toEqual(all.map(({ hashKey }) => hashKey !== ''));
      }),
    );
  });

  it('take any ranges of one buffer, until the buffer is reused', () => {
    fc.assert(
      fc.property(fc.array(laidOut, { maxLength: 40 }), fc.constantFrom(400, 4000), (rows, room) => {
        const { from, ranges } = layOut(rows);
        const packs: PackedRecords[] = [];
        for (const [at, { dataStart, dataEnd, keyStart, keyEnd, made }] of ranges.entries()) {
          const { hashKey } = rows[at]!;
          const bytes = dataEnd - dataStart + (made?.length ?? keyEnd - keyStart) + hashKey.length;
          let pack = packs.at(-1);
          if (!pack?.hasRoomFor(bytes)) {
            pack?.copyPending();
            pack = PackedRecords.allocate(bytes > room ? 1 : 8, Math.max(bytes, room));
            packs.push(pack);
          }
          if (hashKey !== '') pack.setAttributes(Buffer.from(hashKey), 0, hashKey.length);
          if (made === undefined) pack.add(from, dataStart, dataEnd, keyStart, keyEnd, 1, 2);
          else pack.addKeyed(from, dataStart, dataEnd, made, 1, 2);
        }
        packs.at(-1)?.copyPending();
        from.fill('?');
        const wanted = rows.map(({ data, key, made, hashKey }) => [data, made ?? key, hashKey]);
        expect(packs.flatMap(contentOf).map(({ data, key, hashKey }) => [data, key, hashKey])).toEqual(wanted);
        const others = packs.map((pack) => {
          const other = PackedRecords.allocate(pack.count, pack.bytesUsed);
          pack.copyInto(other);
          return other;
        });
        expect(others.flatMap(contentOf)).toEqual(packs.flatMap(contentOf));
        for (const pack of packs) expect(pack.bytesUsed).toBeLessThanOrEqual(pack.bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('that are adjacent in the input are copied in one go', () => {
    const from = Buffer.from('a1,k1\na2,k2\na3,k3\n');
    const pack = PackedRecords.allocate(3, 100);
    for (const at of [0, 6, 12]) pack.add(from, at, at + 2, at + 3, at + 5, 0, 0);
    pack.copyPending();
    expect(pack.bytes.toString('utf8', 0, pack.bytesUsed)).toBe('a1,k1\na2,k2\na3,k3');
  });

  it('take binary data byte for byte', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const pack = PackedRecords.allocate(2, 512);
    pack.addKeyed(bytes, 0, 256, Buffer.from('key'), 1, 2);
    pack.add(bytes, 128, 256, 65, 68, 1, 2);
    pack.copyPending();
    const [first, second] = [rangesIn(pack, 0), rangesIn(pack, 1)];
    expect([...pack.bytes.subarray(first.dataStart, first.dataEnd)]).toEqual([...bytes]);
    expect([...pack.bytes.subarray(second.dataStart, second.dataEnd)]).toEqual([...bytes.subarray(128)]);
    expect([recordIn(pack, 0).key, recordIn(pack, 1).key]).toEqual(['key', 'ABC']);
  });
});

/** A record in an input, between other bytes. Its key is before, after or within its data, or from elsewhere. */
const laidOut = fc.record({
  data: fc.string({ maxLength: 60 }),
  key: fc.string({ maxLength: 20 }),
  where: fc.constantFrom('before', 'behind', 'within'),
  gap: fc.constantFrom(0, 1, 30, 127, 128, 129, 400),
  between: fc.constantFrom(0, 1, 127, 128, 129, 300),
  hashKey,
  made: fc.option(fc.constantFrom('k', 'a made key', 'm'.repeat(50)), { nil: undefined }),
});

function layOut(
  rows: { data: string; key: string; where: string; gap: number; between: number; made?: string | undefined }[],
) {
  let text = '';
  const ranges = rows.map((row) => {
    if (row.where === 'within') row.data = `<${row.key}>${row.data}`;
    text += '.'.repeat(row.gap);
    const start = Buffer.byteLength(text);
    const between = '.'.repeat(row.between);
    const [dataLength, keyLength] = [Buffer.byteLength(row.data), Buffer.byteLength(row.key)];
    let [dataStart, keyStart] = [start, start + 1];
    if (row.where === 'within') text += row.data;
    else if (row.where === 'before') {
      text += row.key + between + row.data;
      [keyStart, dataStart] = [start, start + keyLength + row.between];
    } else {
      text += row.data + between + row.key;
      keyStart = start + dataLength + row.between;
    }
    const made = row.made === undefined ? undefined : Buffer.from(row.made);
    return { dataStart, dataEnd: dataStart + dataLength, keyStart, keyEnd: keyStart + keyLength, made };
  });
  return { from: Buffer.from(text), ranges };
}

describe('the room in a pack', () => {
  it('ends with its bytes or its number of records, whichever comes first', () => {
    const pack = PackedRecords.allocate(3, 10);
    expect([pack.hasRoomFor(10), pack.hasRoomFor(11)]).toEqual([true, false]);
    addTo(pack, { data: 'abcd', key: 'xy' });
    // Including the byte between the two, which is copied as well.
    expect(pack.bytesUsed).toBe(7);
    expect([pack.hasRoomFor(3), pack.hasRoomFor(4)]).toEqual([true, false]);
    expect(() => addTo(pack, { data: 'abcd' })).toThrow('no room');
    pack.add(Buffer.alloc(1), 0, 0, 0, 0, 0, 0);
    pack.add(Buffer.alloc(1), 0, 0, 0, 0, 0, 0);
    expect(pack.hasRoomFor(0)).toBe(false);
  });

  it('is complete again when the buffer is reused', () => {
    const { buffer, capacity } = packOf([{ data: 'abc', key: 'k', hashKey: '7' }]);
    const again = new PackedRecords(buffer, capacity, 0, false, false);
    expect([again.bytesUsed, again.hasRoomFor(5)]).toEqual([0, true]);
    addTo(again, { data: 'new', dueMs: 7 });
    expect(contentOf(again)).toEqual([{ data: 'new', key: '', hashKey: '', dueMs: 7, recordedAtMs: Number.NaN }]);
  });
});

it('numbered records keep their ordinals through copy and transfer, until they are settled', () => {
  const ordinals = fc
    .uniqueArray(fc.nat({ max: 2 ** 40 }), { maxLength: 30 })
    .map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(ordinals, fc.infiniteStream(fc.boolean()), (given, settled) => {
      const pack = PackedRecords.allocate(40, 20_000, true);
      for (const ordinal of given) {
        pack.setOrdinal(ordinal);
        addTo(pack, { data: String(ordinal), key: 'k' });
      }
      const other = PackedRecords.allocate(32, 1_000, true);
      pack.copyInto(other);
      const { buffer, capacity, count, hasAttributes } = other;
      const there = new PackedRecords(buffer, capacity, count, hasAttributes, true);
      expect(contentOf(there).map(({ data }) => Number(data))).toEqual(given);
      const left = given.filter((_, at) => {
        const isSettled = settled.next().value === true;
        if (isSettled) there.settle(at);
        return !isSettled;
      });
      const listed = new Float64Array(given.length);
      expect([...listed.subarray(0, there.listUnsettled(listed, 0))]).toEqual(left);
    }),
  );
});
