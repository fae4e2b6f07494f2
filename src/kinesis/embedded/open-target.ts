import type { OpenTarget, TargetPlan, TargetWait } from '../../target/kind.js';
import { LOCAL_CREDENTIALS } from '../client/connection.js';
import { openConnection, type Wire } from '../open-target.js';
import { EMBEDDED_STREAM, startEmbeddedEmulator } from './emulator.js';

export interface EmbeddedPlan extends TargetPlan {
  readonly shards: number;
  readonly limits: boolean;
  readonly region: string;
  readonly wire: Wire;
}

/** Starts the emulator, and opens its stream. */
export async function openEmbedded(plan: EmbeddedPlan, wait: TargetWait): Promise<OpenTarget> {
  const emulator = await startEmbeddedEmulator(plan);
  const connection = {
    region: plan.region,
    profile: undefined,
    endpoint: emulator.endpoint,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    stream: { StreamName: EMBEDDED_STREAM },
    requestTimeoutMs: wait.timeoutMs,
    credentials: LOCAL_CREDENTIALS,
    ca: undefined,
    usesProxies: false,
  };
  const target = await openConnection(connection, plan.wire, wait).catch(async (error: unknown) => {
    await emulator.close();
    throw error;
  });
  return {
    ...target,
    report: { ...target.report, kind: 'embedded', limits: plan.limits },
    onCrash: (listener) => emulator.onCrash(listener),
    close: () => emulator.close(),
  };
}
