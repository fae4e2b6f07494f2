import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync, gzipSync, constants as zlib } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KloadError } from '../../src/core/errors.js';
import { type ByteReader, Tally } from '../../src/input/bytes/byte-reader.js';
import { GzipReader } from '../../src/input/bytes/gzip-reader.js';

/** Text that packs well, bytes that do not, and a stretch that packs a thousand to one: together more than is read ahead. */
const PARTS = [
  Buffer.from(Array.from({ length: 20_000 }, (_, at) => `row ${at} ${Math.sin(at)}\n`).join('')),
  Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * at * 2_654_435_761) >>> 13)),
  Buffer.alloc(1_500_000, 'x'),
];
const MEMBERS = PARTS.map((part) => gzipSync(part));

/** How a file comes: in pieces of these sizes, again and again. */
interface Feeding {
  readonly isFile: boolean;
  readonly pieceBytes: readonly number[];
  /** Fails here instead of ending. */
  readonly failure?: Error;
}

/** How it is asked for: so many bytes at most, with so many turns of the event loop before each. */
interface Asking {
  readonly maxBytes: readonly number[];
  readonly turns: readonly number[];
}

interface Found {
  readonly bytes: Buffer;
  readonly error: unknown;
  readonly tally: Tally;
  /** What the tally held after each read. */
  readonly told: readonly number[];
}

function sourceOf(bytes: Buffer, { isFile, pieceBytes, failure }: Feeding): ByteReader {
  let at = 0;
  let reads = 0;
  let waiting = false;
  return {
    isFile,
    async read(into, start, max) {
      expect(waiting, 'asked for twice at once').toBe(false);
      waiting = true;
      await turn();
      waiting = false;
      if (at === bytes.length && failure !== undefined) throw failure;
      const end = Math.min(bytes.length, at + Math.min(max, pieceBytes[reads++ % pieceBytes.length]!));
      const count = bytes.copy(into, start, at, end);
      at = end;
      return count;
    },
    close: () => Promise.resolve(),
  };
}

async function readAll(bytes: Buffer, feeding: Feeding, { maxBytes, turns }: Asking): Promise<Found> {
  const tally = new Tally();
  const reader = new GzipReader(sourceOf(bytes, feeding), 'f.gz', tally);
  const found: Buffer[] = [];
  const told: number[] = [];
  const into = Buffer.alloc(1 << 20);
  let error: unknown;
  try {
    for (let reads = 0; ; reads++) {
      for (let left = turns[reads % turns.length]!; left > 0; left--) await turn();
      const count = await reader.read(into, 0, maxBytes[reads % maxBytes.length]!);
      told.push(tally.bytes);
      if (count === 0) break;
      found.push(Buffer.from(into.subarray(0, count)));
    }
  } catch (reason) {
    error = reason;
  } finally {
    await reader.close();
  }
  return { bytes: Buffer.concat(found), error, tally, told };
}

const aFeeding: fc.Arbitrary<Feeding> = fc.record({
  isFile: fc.boolean(),
  pieceBytes: fc.array(fc.constantFrom(1000, 4096, 65_536, 100_001, 1 << 20), { minLength: 1, maxLength: 4 }),
});
const anAsking: fc.Arbitrary<Asking> = fc.record({
  maxBytes: fc.array(fc.constantFrom(20_000, 65_536, 300_000, 1 << 20), { minLength: 1, maxLength: 4 }),
  turns: fc.array(fc.constantFrom(0, 0, 1, 20), { minLength: 1, maxLength: 4 }),
});
const someMembers = fc.array(fc.constantFrom(...MEMBERS), { minLength: 1, maxLength: 4 }).map(Buffer.concat);

describe('a gzip reader', { timeout: 60_000 }, () => {
  it('gives what zlib gives, however the bytes come and are asked for', async () => {
    await fc.assert(
      fc.asyncProperty(someMembers, aFeeding, anAsking, async (gzipped, feeding, asking) => {
        const { bytes, error, tally, told } = await readAll(gzipped, feeding, asking);
        expect(error).toBeUndefined();
        expect(bytes.equals(gunzipSync(gzipped))).toBe(true);
        expect(tally.bytes).toBe(gzipped.length);
        expect(told).toEqual([...told].sort((a, b) => a - b));
      }),
      { numRuns: 40 },
    );
  });

  it('gives all before the place where the data is cut off, also to one who reads slowly', async () => {
    await fc.assert(
      fc.asyncProperty(
        someMembers,
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        aFeeding,
        anAsking,
        async (gzipped, share, feeding, asking) => {
          const cut = gzipped.subarray(0, Math.max(20, Math.floor(gzipped.length * share)));
          const { bytes, error } = await readAll(cut, feeding, asking);
          expect(bytes.equals(gunzipSync(cut, { finishFlush: zlib.Z_SYNC_FLUSH }))).toBe(true);
          // A cut between two members cannot be seen.
          if (isWhole(cut)) expect(error).toBeUndefined();
          else expect(error).toMatchObject({ message: 'f.gz: the gzip data is cut off (unexpected end)' });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives the last bytes before such a place also where more than is read ahead waits', async () => {
    for (const lastBytes of [1, 5000, 20_000, 100_000]) {
      // What the first read gets, what is read ahead, and the last bytes.
      const text = PARTS[0]!.subarray(0, (128 + 256) * 1024 + lastBytes);
      const cut = gzipSync(text).subarray(0, -8);
      const asking = { maxBytes: [1 << 20], turns: [200] };
      const { bytes, error } = await readAll(cut, { isFile: true, pieceBytes: [1 << 20] }, asking);
      expect(bytes.equals(text)).toBe(true);
      expect(error).toMatchObject({ message: 'f.gz: the gzip data is cut off (unexpected end)' });
    }
  });

  it('gives all before the place where its source fails', async () => {
    const failure = new KloadError('input', 'f.gz: reading failed (EIO)');
    await fc.assert(
      fc.asyncProperty(aFeeding, anAsking, async (feeding, asking) => {
        const [text] = MEMBERS as [Buffer];
        const cut = text.subarray(0, text.length >> 1);
        const { bytes, error } = await readAll(cut, { ...feeding, failure }, asking);
        expect(bytes.equals(gunzipSync(cut, { finishFlush: zlib.Z_SYNC_FLUSH }))).toBe(true);
        expect(error).toBe(failure);
      }),
      { numRuns: 20 },
    );
  });

  it('takes zeros behind the data for padding, and anything else for damage', async () => {
    const [text] = MEMBERS as [Buffer];
    const asking = { maxBytes: [1 << 20], turns: [0] };
    for (const pieceBytes of [[1 << 20], [1000], [text.length, 1]]) {
      for (const isFile of [true, false]) {
        const padded = await readAll(Buffer.concat([text, Buffer.alloc(3000)]), { isFile, pieceBytes }, asking);
        expect(padded.error).toBeUndefined();
        expect(padded.bytes.equals(PARTS[0]!)).toBe(true);
        const trailed = await readAll(Buffer.concat([text, Buffer.from('a,b\n1,2\n')]), { isFile, pieceBytes }, asking);
        expect(trailed.error).toMatchObject({ message: 'f.gz: the gzip data is damaged (incorrect header check)' });
      }
    }
  });

  it('counts what was taken, not what is ready', async () => {
    const [text] = MEMBERS as [Buffer];
    const feeding = { isFile: true, pieceBytes: [1 << 20] };
    const { bytes, told } = await readAll(text, feeding, { maxBytes: [1 << 20], turns: [50] });
    expect(told.length).toBeGreaterThan(3);
    for (const [at, done] of told.slice(0, -1).entries()) {
      const share = ((at + 1) * 128 * 1024) / bytes.length;
      expect(Math.abs(done / text.length - Math.min(1, share))).toBeLessThan(0.1);
    }
  });

  it('can be closed at any time', async () => {
    const gzipped = Buffer.concat(MEMBERS);
    for (const reads of [0, 1, 2, 10]) {
      for (const isFile of [true, false]) {
        const reader = new GzipReader(sourceOf(gzipped, { isFile, pieceBytes: [65_536] }), 'f.gz', new Tally());
        const into = Buffer.alloc(65_536);
        for (let at = 0; at < reads; at++) await reader.read(into, 0, into.length);
        await reader.close();
      }
    }
  });
});

function isWhole(gzipped: Buffer): boolean {
  try {
    gunzipSync(gzipped);
    return true;
  } catch {
    return false;
  }
}
