import { randomFillSync } from 'node:crypto';

const ID_BYTES = 72;
const POOL = Buffer.alloc(ID_BYTES * 64);
let used = POOL.length;

/** A new `x-amz-id-2`. Randomness is drawn for many at once, since a draw costs as much as a small request. */
export function extendedRequestId(): string {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  used += ID_BYTES;
  return POOL.toString('base64', used - ID_BYTES, used);
}
