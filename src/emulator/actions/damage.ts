import type { SetFault, StoredFaults } from '../faults/faults.js';
import type { Random } from '../faults/random.js';
import type { RecordBatch } from '../store/record-batch.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** A record that was stored, and will be acknowledged. */
interface Stored {
  readonly stream: Stream;
  readonly shard: Shard;
  readonly position: number;
  readonly batch: RecordBatch;
  readonly i: number;
}

/** Of more keys of a shard than this, records are not swapped. */
const KEYS_MAX = 100_000;

/** The position of the last record of each key, unless a fault has damaged it. */
type LastOfKeys = Map<string, number>;

/** Of each shard, since a fault that swaps records was set. */
const lastOfKeys = new WeakMap<SetFault, WeakMap<Shard, LastOfKeys>>();

/** Damages a stored record if a fault hits it. Its response stays as if nothing had happened. */
export function damage(stored: Stored, faults: StoredFaults, now: number): void {
  const { shard, position, batch, i } = stored;
  const last = faults.swap && lastOf(faults.swap, shard);
  const key = last === undefined ? '' : keyOf(batch, i);
  const neighbour = last?.get(key);
  const done = faults.hit(shard.id, (kind, random) => {
    switch (kind) {
      case 'drop':
        shard.drop(position);
        return true;
      case 'duplicate':
        shard.putAgain(batch, i, now);
        return true;
      case 'corrupt':
        return corrupt(stored, random);
      case 'swap':
        return neighbour !== undefined && shard.exchange(neighbour, position);
      case 'misplace':
        return misplace(stored, random, now);
    }
  });
  if (last === undefined) return;
  if (done !== undefined) last.delete(key);
  else if (last.size < KEYS_MAX || neighbour !== undefined) last.set(key, position);
}

function lastOf(fault: SetFault, shard: Shard): LastOfKeys {
  const shards = lastOfKeys.get(fault) ?? new WeakMap<Shard, LastOfKeys>();
  lastOfKeys.set(fault, shards);
  const last = shards.get(shard) ?? new Map<string, number>();
  shards.set(shard, last);
  return last;
}

function keyOf({ bytes, keyStarts, keyBytes }: RecordBatch, i: number): string {
  return bytes.toString('latin1', keyStarts[i]!, keyStarts[i]! + keyBytes[i]!);
}

function corrupt({ shard, position, batch, i }: Stored, random: Random): boolean {
  const bytes = batch.dataBytes[i]!;
  if (bytes === 0) return false;
  shard.corrupt(position, Math.floor(random() * bytes), 1 + Math.floor(random() * 255));
  return true;
}

function misplace({ stream, shard, position, batch, i }: Stored, random: Random, now: number): boolean {
  const others = stream.openShards.filter((other) => other !== shard);
  if (others.length === 0) return false;
  shard.drop(position);
  others[Math.floor(random() * others.length)]!.putAgain(batch, i, now);
  return true;
}
