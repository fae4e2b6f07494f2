/**
 * Hashes a partition key's bytes to 32 bits, by FNV-1a: a nanosecond a byte. Which shard takes a record is for the
 * service's MD5 to say.
 *
 * @param start,end the key's range in `bytes`
 * @returns a whole number of 32 bits, with its sign
 */
export function keyHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash | 0;
}
