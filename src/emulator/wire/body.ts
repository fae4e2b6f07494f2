import type { Readable } from 'node:stream';
import type { Budget } from './budget.js';

/** The largest valid request has 10 MiB of data and keys, at most 15 MB in base64 and JSON. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Smaller chunks are joined: each has an overhead above its bytes, and a body may arrive byte by byte. */
const SMALL_BYTES = 4096;
const SMALL_CHUNKS_JOINED = 256;

/** Why a body was refused: it is too large, or all bodies in flight together are. */
export type BodyFault = 'too-large' | 'no-room';

/**
 * Reads a whole body and takes its bytes from the budget; the callback's owner gives them back when done with the body.
 * Calls back once: with the body, or at once with a fault. Never calls back if the request breaks off.
 */
export function readBody(request: Readable, budget: Budget, done: (body: Buffer | BodyFault) => void): void {
  const chunks: Buffer[] = [];
  let small: Buffer[] = [];
  let bytes = 0;
  let state: 'reading' | 'faulty' | 'whole' = 'reading';
  request.on('data', (chunk: Buffer) => {
    // After a fault the rest is read and dropped, so that the client gets to read the response.
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
    else if (small.push(chunk) === SMALL_CHUNKS_JOINED) chunks.push(...takeSmall());
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
    const joined = Buffer.concat(small);
    small = [];
    return [joined];
  }
}
