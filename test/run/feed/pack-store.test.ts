import { describe, expect, it } from 'vitest';
import { PACK_BYTES, PACK_RECORDS_MAX, type PackedRecords } from '../../../src/run/between/packed-records.js';
import { PackStore } from '../../../src/run/feed/pack-store.js';

describe('the pack store', () => {
  it('moves a few records to a small pack, and reuses theirs', () => {
    const store = new PackStore(1, false);
    const pack = filled(store.empty(10), 100, 10);
    const small = store.fitted(pack);
    expect(small.buffer.byteLength).toBeLessThan(pack.buffer.byteLength / 4);
    expect(small.count).toBe(100);
    expect(store.empty(10)).toBe(pack);
    expect(pack.count).toBe(0);
    store.keep(small);
    expect(store.fitted(filled(pack, 1, 10))).toBe(small);
  });

  it('leaves records that fill more than half a pack where they are', () => {
    const store = new PackStore(4, false);
    const byCount = filled(store.empty(1), PACK_RECORDS_MAX / 2 + 1, 1);
    expect(store.fitted(byCount)).toBe(byCount);
    const byBytes = filled(store.empty(1), 1, PACK_BYTES / 2 + 1);
    expect(store.fitted(byBytes)).toBe(byBytes);
  });

  it('allocates a pack for a record larger than a pack, and does not keep it', () => {
    const store = new PackStore(4, false);
    const own = filled(store.empty(2 * PACK_BYTES), 1, 2 * PACK_BYTES);
    expect(store.fitted(own)).toBe(own);
    store.keep(own);
    expect(store.empty(2 * PACK_BYTES)).not.toBe(own);
    expect(store.empty(1).capacity).toBe(PACK_RECORDS_MAX);
  });

  it('keeps no more packs than its maximum', () => {
    const store = new PackStore(2, false);
    const packs = [store.empty(1), store.empty(1), store.empty(1)];
    for (const pack of packs) store.keep(pack);
    const again = [store.empty(1), store.empty(1), store.empty(1)];
    expect(again.filter((pack) => packs.includes(pack))).toHaveLength(2);
  });
});

/** @param bytes the size of each record */
function filled(pack: PackedRecords, count: number, bytes: number): PackedRecords {
  const data = Buffer.alloc(bytes, 'x');
  for (let i = 0; i < count; i++) pack.add(data, 0, bytes, 0, 0, 0, 0);
  pack.copyPending();
  return pack;
}
