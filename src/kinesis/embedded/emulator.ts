import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** An emulator in its own thread. */
export interface EmbeddedEmulator {
  readonly endpoint: string;
  /** Calls the listener if the thread ends before `close`. */
  onCrash(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

export const EMBEDDED_STREAM = 'kload';

/** Starts the emulator with one stream. Rejects if it can't start. */
export async function startEmbeddedEmulator(options: {
  readonly shards: number;
  readonly limits: boolean;
  readonly region: string;
}): Promise<EmbeddedEmulator> {
  const worker = new Worker(createRequire(import.meta.url).resolve('#emulator-thread'), {
    workerData: {
      limits: options.limits,
      region: options.region,
      streams: [{ name: EMBEDDED_STREAM, shards: options.shards }],
    },
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: { type: string; endpoint?: string; message?: string }) => {
      if (message.type === 'ready' && message.endpoint !== undefined) resolve(message.endpoint);
      else reject(new Error(message.message ?? 'the embedded emulator did not start'));
    });
  });
  return {
    endpoint,
    onCrash(listener) {
      worker.on('error', listener);
      worker.on('exit', (code) => listener(new Error(`its thread ended with code ${code}`)));
    },
    async close() {
      worker.removeAllListeners();
      await worker.terminate();
    },
  };
}
