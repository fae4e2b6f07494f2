/** A stream's traffic since the emulator started, counted by its shards. Bytes are those of keys and data. */
export class Traffic {
  recordsIn = 0;
  bytesIn = 0;
  recordsOut = 0;
  bytesOut = 0;
  /** Records that were refused because their shard was over its limit. */
  writesThrottled = 0;
  /** Reads that were refused because their shard was over its limit. */
  readsThrottled = 0;
}
