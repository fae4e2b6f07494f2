import { runSenders } from '../src/run/worker/sender.js';

export default runSenders;
