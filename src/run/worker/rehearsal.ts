import { MessageChannel } from 'node:worker_threads';
import type { MadeRecords } from '../../generate/record-maker.js';
import { nowMs } from '../../system/clock.js';
import type { SenderTask, ToWorker } from '../between/messages.js';
import { PACK_BYTES, PACK_RECORDS_MAX, PackedRecords } from '../between/packed-records.js';

/**
 * A worker that sends on a schedule would be late for its first half second, while V8 still interprets its code. So it
 * sends made-up records first, until the code is compiled. `../feed/rehearsal.ts` does the same for the main thread.
 */
const RECORDS = 60_000;
const PACKS = Math.ceil(RECORDS / PACK_RECORDS_MAX);
const KEYS = 1000;
const RECORD_BYTES = 100;
/** Records that are due in the same millisecond: as at a high rate. */
const DUE_TOGETHER = 100;

/**
 * Runs a worker's task with made-up records and the null target.
 *
 * @param send runs a worker's task to its end
 */
export async function rehearseSender(task: SenderTask, send: (task: SenderTask) => Promise<void>): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const sent = send({ ...task, target: { kind: 'null' }, port: port2, isTimed: false, lingerMs: 0 });
  const post = (message: ToWorker) => port1.postMessage(message);
  post({ type: 'begin', startMs: nowMs() });
  for (let pack = 0; pack < PACKS; pack++) {
    const { buffer, capacity, count, hasAttributes, numbered } = packOfPast(task.made);
    post({ type: 'records', buffer, capacity, count, hasAttributes, numbered });
  }
  post({ type: 'finish' });
  await sent;
  port1.close();
}

/** A full pack of records that are due already. @param made what the worker makes them from, if it does */
function packOfPast(made: MadeRecords | undefined): PackedRecords {
  const pack = PackedRecords.allocate(PACK_RECORDS_MAX, PACK_BYTES, made !== undefined);
  const now = nowMs();
  if (made !== undefined) {
    for (let i = 0; i < PACK_RECORDS_MAX; i++) pack.addMade(i, now - i / DUE_TOGETHER, 0);
    return pack;
  }
  const records = Buffer.alloc(KEYS * RECORD_BYTES, 'x');
  for (let key = 0; key < KEYS; key++) records.writeUInt32LE(key, key * RECORD_BYTES);
  for (let i = 0; i < PACK_RECORDS_MAX; i++) {
    const at = (i % KEYS) * RECORD_BYTES;
    pack.add(records, at + 8, at + RECORD_BYTES, at, at + 8, now - i / DUE_TOGETHER, Number.NaN);
  }
  pack.copyPending();
  return pack;
}
