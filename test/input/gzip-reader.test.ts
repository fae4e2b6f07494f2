import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync, gzipSync, constants as zlib } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KloadError } from '../../src/core/errors.js';
import { type ByteReader, Tally } from '../../src/input/bytes/byte-reader.js';
import { GzipReader } from '../../src/input/bytes/gzip-reader.js';
import { runs } from '../support/runs.js';

/** Text, incompressible bytes, and data that compresses a thousand to one: together more than is read ahead. */
const PARTS = [
  Buffer.from(Array.from({ length: 20_000 }, (_, at) => `row ${at} ${Math.sin(at)}\n`).join('')),
  Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * at * 2_654_435_761) >>> 13)),
  Buffer.alloc(1_500_000, 'x'),
];
const MEMBERS = PARTS.map((part) => gzipSync(part));

/** How a file arrives: in pieces of these sizes, repeated. */
interface Feeding {
  readonly isFile: boolean;
  readonly pieceBytes: readonly number[];
  /** Thrown at the end. */
  readonly failure?: Error;
}

/** How it is read: at most this many bytes at once, with this many turns of the event loop before each read. */
interface Asking {
  readonly maxBytes: readonly number[];
  readonly turns: readonly number[];
}

interface Found {
  readonly bytes: Buffer;
  readonly error: unknown;
  readonly tally: Tally;
  /** What the tally held after each read. */
  readonly counted: readonly number[];
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
  const counted: number[] = [];
  const into = Buffer.alloc(1 << 20);
  let error: unknown;
  try {
    for (let reads = 0; ; reads++) {
      for (let left = turns[reads % turns.length]!; left > 0; left--) await turn();
      const count = await reader.read(into, 0, maxBytes[reads % maxBytes.length]!);
      counted.push(tally.bytes);
      if (count === 0) break;
      found.push(Buffer.from(into.subarray(0, count)));
    }
  } catch (reason) {
    error = reason;
  } finally {
    await reader.close();
  }
  return { bytes: Buffer.concat(found), error, tally, counted };
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
  it('returns what zlib returns, however the bytes arrive and are read', async () => {
    await fc.assert(
      fc.asyncProperty(someMembers, aFeeding, anAsking, async (gzipped, feeding, asking) => {
        const { bytes, error, tally, counted } = await readAll(gzipped, feeding, asking);
        expect(error).toBeUndefined();
        expect(bytes.equals(gunzipSync(gzipped))).toBe(true);
        expect(tally.bytes).toBe(gzipped.length);
        expect(counted).toEqual([...counted].sort((a, b) => a - b));
      }),
      { numRuns: runs(40) },
    );
  });

  it('returns everything before the point where data is cut off, even to a slow reader', async () => {
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
          // A cut between two members can't be noticed.
          if (isWhole(cut)) expect(error).toBeUndefined();
          else expect(error).toMatchObject({ message: 'f.gz: the gzip data is cut off (unexpected end)' });
        },
      ),
      { numRuns: runs(40) },
    );
  });

  it('returns the last bytes before such a point if more than it reads ahead is waiting', async () => {
    for (const lastBytes of [1, 5000, 20_000, 100_000]) {
      // The bytes of the first read, those read ahead, and the last ones.
      const text = PARTS[0]!.subarray(0, (128 + 256) * 1024 + lastBytes);
      const cut = gzipSync(text).subarray(0, -8);
      const asking = { maxBytes: [1 << 20], turns: [200] };
      const { bytes, error } = await readAll(cut, { isFile: true, pieceBytes: [1 << 20] }, asking);
      expect(bytes.equals(text)).toBe(true);
      expect(error).toMatchObject({ message: 'f.gz: the gzip data is cut off (unexpected end)' });
    }
  });

  it('returns everything before its source fails', async () => {
    const failure = new KloadError('input', 'f.gz: reading failed (EIO)');
    await fc.assert(
      fc.asyncProperty(aFeeding, anAsking, async (feeding, asking) => {
        const [text] = MEMBERS as [Buffer];
        const cut = text.subarray(0, text.length >> 1);
        const { bytes, error } = await readAll(cut, { ...feeding, failure }, asking);
        expect(bytes.equals(gunzipSync(cut, { finishFlush: zlib.Z_SYNC_FLUSH }))).toBe(true);
        expect(error).toBe(failure);
      }),
      { numRuns: runs(20) },
    );
  });

  it('ignores zeros after the data, and reports anything else as damage', async () => {
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

  it('counts the bytes that were read, not those that are ready', async () => {
    const [text] = MEMBERS as [Buffer];
    const feeding = { isFile: true, pieceBytes: [1 << 20] };
    const { bytes, counted } = await readAll(text, feeding, { maxBytes: [1 << 20], turns: [50] });
    expect(counted.length).toBeGreaterThan(3);
    for (const [at, done] of counted.slice(0, -1).entries()) {
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
