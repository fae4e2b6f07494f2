import { limitExceeded, validationFailed } from '../protocol/service-error.js';
import { onDemandShards } from '../store/on-demand.js';
import type { Stream } from '../store/stream.js';
import type { StreamMode } from '../store/stream-state.js';
import { hasAdvantage } from './billing-commitment.js';
import type { Call } from './operation.js';

/** Throws if a stream of this mode in the caller's account cannot have this warm throughput. */
export function checkWarmThroughput(
  warmMiBps: number | undefined,
  mode: StreamMode,
  { accounts, caller, now }: Call,
): void {
  if (warmMiBps === undefined) return;
  if (mode === 'PROVISIONED') {
    throw validationFailed('WarmThroughputMiBps is not expected when StreamMode=PROVISIONED');
  }
  if (!hasAdvantage(accounts.account(caller), now)) {
    throw validationFailed(
      'WarmThroughputMiBps is only supported for accounts that have MinimumThroughputBillingCommitment enabled',
    );
  }
  const { warmThroughputMiBps } = accounts.limits;
  if (warmMiBps > warmThroughputMiBps) {
    throw limitExceeded(`WarmThroughputMiBps cannot be greater than ${warmThroughputMiBps}. Requested: ${warmMiBps}.`);
  }
}

/** The stream's current and target warm throughput; undefined if its account cannot set one. */
export function describeWarmThroughput({ state }: Stream, { accounts, now }: Call) {
  if (state.mode !== 'ON_DEMAND' || !hasAdvantage(accounts.account(state), now)) return undefined;
  const current = onDemandShards(state.warmThroughputMiBps);
  const target = state.pending?.change?.settings?.warmThroughputMiBps;
  return { TargetMiBps: target === undefined ? current : onDemandShards(target), CurrentMiBps: current };
}
