import type { Failure } from '../core/failure.js';
import { formatKloadRecord } from '../core/kload-record.js';
import type { PendingRecord } from './pending-record.js';

const LINES_BYTES = 64 * 1024;

/** Records that were given up, as lines that `kload run` can send again, gathered on the way to the coordinator. */
export class DeadLetterLines {
  #lines: string[] = [];
  #chars = 0;

  get full(): boolean {
    return this.#chars >= LINES_BYTES;
  }

  add(record: PendingRecord, { code, message }: Failure): void {
    const { key, explicitHashKey, data, recordedAtMs } = record;
    const line = formatKloadRecord({ key, explicitHashKey, data, recordedAtMs, error: { code, message } });
    this.#lines.push(line);
    this.#chars += line.length;
  }

  take(): Uint8Array | undefined {
    if (this.#lines.length === 0) return undefined;
    const bytes = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#chars = 0;
    return bytes;
  }
}
