import { parentPort, workerData } from 'node:worker_threads';
import { startEmulator } from './emulator.js';

/**
 * Entry of a worker thread that runs an emulator, so that it does not share an event loop with the code that measures
 * it. workerData holds the EmulatorOptions (without `now`). The thread ends when it receives the close command.
 */

/** What the thread posts to its parent. */
export type EmulatorMessage =
  | { readonly type: 'ready'; readonly port: number; readonly endpoint: string }
  | { readonly type: 'error'; readonly message: string };

/** What the parent posts to the thread. */
export interface EmulatorCommand {
  readonly type: 'close';
}

if (parentPort === null) throw new Error('thread.js is the entry of a worker thread');
const parent = parentPort;

try {
  const emulator = await startEmulator(workerData);
  parent.on('message', async (command: EmulatorCommand) => {
    if (command.type !== 'close') return;
    await emulator.close();
    parent.close();
  });
  post({ type: 'ready', port: emulator.port, endpoint: emulator.endpoint });
} catch (error) {
  post({ type: 'error', message: error instanceof Error ? error.message : String(error) });
}

function post(message: EmulatorMessage): void {
  parent.postMessage(message);
}
