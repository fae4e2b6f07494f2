import { writeFileSync } from 'node:fs';
import { runSender } from '../../dist/src/run/worker/sender.js';
import { NullTarget } from '../../dist/src/target/null/target.js';

const SLICE_MS = 100;

/**
 * The sender that ships, with a null target that notes how many records it was handed in each tenth of a second of the
 * run. Written as a JSON array to the file that KLOAD_BENCH_SLICES names when the run is over.
 * @param {import('../../dist/src/run/between/messages.js').SenderTask} task
 */
export default async function notingSender(task) {
  let startMs = 0;
  /** @type {number[]} */
  const slices = [];
  task.port.on('message', (message) => {
    if (message.type !== 'begin') return;
    startMs = message.startMs;
    // What came before was the rehearsal.
    slices.length = 0;
  });
  const target = NullTarget.prototype;
  const send = target.send;
  target.send = (batch, handedOver) =>
    send(batch, (atMs) => {
      const slice = Math.max(0, Math.floor((atMs - startMs) / SLICE_MS));
      while (slices.length <= slice) slices.push(0);
      slices[slice] = (slices[slice] ?? 0) + batch.length;
      handedOver(atMs);
    });
  await runSender(task);
  writeFileSync(process.env.KLOAD_BENCH_SLICES ?? '', JSON.stringify(slices));
}
