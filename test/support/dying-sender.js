import { runSender } from '../../dist/src/run/worker/sender.js';

/** The sender that ships, in a thread that ends in the midst of it after the thirtieth pack that worker 0 is given. */
export default function dyingSender(task) {
  let packs = 0;
  task.port.on('message', ({ type }) => {
    if (type === 'records' && task.workerId === 0 && ++packs === 30) process.exit(7);
  });
  return runSender(task);
}
