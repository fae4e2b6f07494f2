import { runSender } from '../src/run/worker/sender.js';

export default runSender;
