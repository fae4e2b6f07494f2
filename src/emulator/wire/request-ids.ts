const ID_BYTES = 72;
const POOL = Buffer.alloc(ID_BYTES * 64);
let used = POOL.length;
/** Loaded on the first request, to keep start-up fast. */
let crypto: typeof import('node:crypto') | undefined;

/** A new `x-amzn-RequestId`. */
export function requestId(): string {
  crypto ??= process.getBuiltinModule('node:crypto');
  return crypto.randomUUID();
}

/** A new `x-amz-id-2`. Random bytes are generated for 64 ids at once: a call costs as much as a small request. */
export function extendedRequestId(): string {
  if (used === POOL.length) {
    crypto ??= process.getBuiltinModule('node:crypto');
    crypto.randomFillSync(POOL);
    used = 0;
  }
  used += ID_BYTES;
  return POOL.toString('base64', used - ID_BYTES, used);
}
