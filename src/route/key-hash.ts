/**
 * Hashes a partition key's bytes with FNV-1a: a nanosecond a byte. It picks workers, not shards: these depend on MD5.
 *
 * @param start,end the key's range in `bytes`
 * @returns a signed 32-bit integer
 */
export function keyHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash | 0;
}
