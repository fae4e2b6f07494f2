import { parentPort, workerData } from 'node:worker_threads';
import { startEmulator } from './emulator.js';

/**
 * Entry of a worker thread: an emulator that shares no event loop with who measures it.
 * workerData are the EmulatorOptions (without `now`). The thread ends once it was told to close.
 */

/** What the thread tells. */
export type EmulatorMessage =
  | { readonly type: 'ready'; readonly port: number; readonly endpoint: string }
  | { readonly type: 'error'; readonly message: string };

/** What the thread is told. */
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
  tell({ type: 'ready', port: emulator.port, endpoint: emulator.endpoint });
} catch (error) {
  tell({ type: 'error', message: error instanceof Error ? error.message : String(error) });
}

function tell(message: EmulatorMessage): void {
  parent.postMessage(message);
}
