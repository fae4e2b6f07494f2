import { runSenders } from '../../../dist/src/run/worker/sender.js';
import { TARGET_KINDS } from '../../../dist/src/target/kinds.js';
import { fileKind } from './kind.js';

Object.assign(TARGET_KINDS, { file: fileKind });

/** What a worker's thread runs, with the kind in its table. */
export default runSenders;
