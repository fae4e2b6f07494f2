import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { OpenTarget, TargetPlan, TargetWait } from '../../target/kind.js';
import { LOCAL_CREDENTIALS } from '../client/connection.js';
import { openConnection, type Wire } from '../open-target.js';

export interface EmbeddedPlan extends TargetPlan {
  readonly shards: number;
  readonly limits: boolean;
  readonly region: string;
  readonly wire: Wire;
}

const STREAM = 'kload';

/** Starts an emulator in a thread of its own, and opens its stream. */
export async function openEmbedded(plan: EmbeddedPlan, wait: TargetWait): Promise<OpenTarget> {
  const { region, limits } = plan;
  const streams = [{ name: STREAM, shards: plan.shards }];
  const emulator = createRequire(import.meta.url).resolve('#emulator-thread');
  const worker = new Worker(emulator, { workerData: { limits, region, streams } });
  const close = async () => {
    worker.removeAllListeners();
    await worker.terminate();
  };
  const connection = {
    region,
    profile: undefined,
    endpoint: await endpointOf(worker),
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    stream: { StreamName: STREAM },
    requestTimeoutMs: wait.timeoutMs,
    credentials: LOCAL_CREDENTIALS,
    ca: undefined,
    usesProxies: false,
  };
  const target = await openConnection(connection, plan.wire, wait).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  let onCrash: (error: Error) => void = () => {};
  worker.on('error', (error) => onCrash(error));
  worker.on('exit', (code) => onCrash(new Error(`its thread ended with code ${code}`)));
  return {
    ...target,
    report: { ...target.report, kind: 'embedded', limits },
    onCrash(listener) {
      onCrash = listener;
    },
    close,
  };
}

/** Rejects if the emulator cannot start. */
function endpointOf(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: { type: string; endpoint?: string; message?: string }) => {
      if (message.type === 'ready' && message.endpoint !== undefined) resolve(message.endpoint);
      else reject(new Error(message.message ?? 'the embedded emulator did not start'));
    });
  });
}
