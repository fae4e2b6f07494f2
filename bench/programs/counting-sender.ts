import { writeFileSync } from 'node:fs';
import type { SenderTask, ToWorker } from '#dist/src/run/between/messages.js';
import { runSender } from '#dist/src/run/worker/sender.js';
import { NullTarget } from '#dist/src/target/null/target.js';

const SLICE_MS = 100;

/**
 * The real sender with a null target that counts the records offered in each tenth of a second of the run. When the run
 * ends, it writes the counts as a JSON array to the file that KLOAD_BENCH_SLICES names.
 */
export default async function countingSender([task]: readonly [SenderTask]) {
  let startMs = 0;
  const slices: number[] = [];
  task.port.on('message', (message: ToWorker) => {
    if (message.type !== 'begin') return;
    startMs = message.startMs;
    // Discard the counts of the rehearsal.
    slices.length = 0;
  });
  const target = NullTarget.prototype;
  const send = target.send;
  target.send = (batch, onOffered) =>
    send(batch, (atMs) => {
      const slice = Math.max(0, Math.floor((atMs - startMs) / SLICE_MS));
      while (slices.length <= slice) slices.push(0);
      slices[slice] = (slices[slice] ?? 0) + batch.length;
      onOffered(atMs);
    });
  await runSender(task);
  writeFileSync(process.env.KLOAD_BENCH_SLICES ?? '', JSON.stringify(slices));
}
