import { runSender } from '../../dist/src/run/worker/sender.js';

/** The real sender, except that worker 0's thread exits when it receives its thirtieth pack. */
export default function dyingSender([task]) {
  let packs = 0;
  task.port.on('message', ({ type }) => {
    if (type === 'records' && task.workerId === 0 && ++packs === 30) process.exit(7);
  });
  return runSender(task);
}
