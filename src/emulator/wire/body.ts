import type { Readable } from 'node:stream';
import type { Budget } from './budget.js';

/** The largest valid request holds 10 MiB of data and keys, which base64 and JSON make 15 MB at most. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Chunks below this are put together: each costs more than its bytes, and a body may come byte by byte. */
const SMALL_BYTES = 4096;
const SMALL_TOGETHER = 256;

/** Why there is no body: it is larger than any may be, all bodies together are. */
export type BodyFault = 'too-large' | 'no-room';

/**
 * Reads a whole body, which takes its bytes from the budget; who is told of a body gives its length back when done with it.
 * Calls back once, as soon as there is a fault; a request that breaks off never calls back.
 */
export function readBody(request: Readable, budget: Budget, done: (body: Buffer | BodyFault) => void): void {
  const chunks: Buffer[] = [];
  let small: Buffer[] = [];
  let bytes = 0;
  let state: 'reading' | 'faulty' | 'whole' = 'reading';
  request.on('data', (chunk: Buffer) => {
    // What still comes after a fault is read and dropped, so that the client gets to read the answer.
    if (state !== 'reading') return;
    const isTooLarge = bytes + chunk.length > BODY_BYTES_MAX;
    if (isTooLarge || !budget.take(chunk.length)) {
      state = 'faulty';
      chunks.length = small.length = 0;
      budget.give(bytes);
      done(isTooLarge ? 'too-large' : 'no-room');
      return;
    }
    bytes += chunk.length;
    if (chunk.length >= SMALL_BYTES) chunks.push(...takeSmall(), chunk);
    else if (small.push(chunk) === SMALL_TOGETHER) chunks.push(...takeSmall());
  });
  request.on('end', () => {
    if (state !== 'reading') return;
    state = 'whole';
    chunks.push(...takeSmall());
    done(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
  });
  request.on('close', () => {
    if (state !== 'reading') return;
    state = 'faulty';
    budget.give(bytes);
  });
  request.on('error', () => {});

  function takeSmall(): Buffer[] {
    if (small.length < 2) return small.splice(0);
    const together = Buffer.concat(small);
    small = [];
    return [together];
  }
}
