import { runSender } from '../src/run/sender.js';

export default runSender;
