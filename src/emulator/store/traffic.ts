/** What a stream took and gave since the emulator started. Added to by its shards; bytes are data and keys. */
export class Traffic {
  recordsIn = 0;
  bytesIn = 0;
  recordsOut = 0;
  bytesOut = 0;
  /** Records that a shard was over its limit for. */
  writesThrottled = 0;
  readsThrottled = 0;
}
