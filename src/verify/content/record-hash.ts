import { hash } from 'node:crypto';

const KEY_LENGTH_BYTES = 4;

/** What of a record is compared. */
export interface Compared {
  /** Whether records with different keys differ. */
  readonly keys: boolean;
  /** The members that lead to the field which is compared instead of the data; undefined: the data. */
  readonly field: readonly string[] | undefined;
}

/** Hashes records for a comparison, over one buffer. */
export class RecordHash {
  readonly #compared: Compared;
  #bytes = Buffer.allocUnsafe(4096);
  /** Records whose data does not have the field. They are compared as a whole. */
  withoutField = 0;

  constructor(compared: Compared) {
    this.#compared = compared;
  }

  /** Returns 128 bits of a hash as 16 characters of Latin-1. */
  of(key: string | Uint8Array | null, data: Uint8Array | null): string {
    const { keys, field } = this.#compared;
    const value = field === undefined ? undefined : this.#fieldOf(field, data);
    if (value !== undefined) return hash('md5', value, 'binary');
    const keyed = keys ? key : null;
    const keyBytes = keyed === null ? 0 : typeof keyed === 'string' ? Buffer.byteLength(keyed) : keyed.length;
    const size = KEY_LENGTH_BYTES + 1 + keyBytes + (data?.length ?? 0);
    if (size > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(2 * size);
    const bytes = this.#bytes;
    // No key and an empty key differ, and so do no data and empty data.
    bytes.writeInt32LE(keyed === null ? -1 : keyBytes, 0);
    bytes[KEY_LENGTH_BYTES] = data === null ? 0 : 1;
    const keyAt = KEY_LENGTH_BYTES + 1;
    if (typeof keyed === 'string') bytes.write(keyed, keyAt);
    else if (keyed !== null) bytes.set(keyed, keyAt);
    if (data !== null) bytes.set(data, keyAt + keyBytes);
    return hash('md5', bytes.subarray(0, size), 'binary');
  }

  /** The field as JSON; undefined if the data has none. */
  #fieldOf(field: readonly string[], data: Uint8Array | null): string | undefined {
    const value = valueAt(field, data);
    if (value === undefined) this.withoutField++;
    return value === undefined ? undefined : JSON.stringify(value);
  }
}

function valueAt(field: readonly string[], data: Uint8Array | null): unknown {
  if (data === null) return undefined;
  try {
    let value: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.length).toString());
    for (const name of field) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
      value = (value as Record<string, unknown>)[name];
    }
    return value;
  } catch {
    return undefined;
  }
}
