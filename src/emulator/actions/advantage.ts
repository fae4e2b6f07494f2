import type { AccountState } from '../store/stream-state.js';

/** Whether the account has On-demand Advantage: it lasts to the end of what was committed to. */
export function hasAdvantage({ billingCommitment }: AccountState, now: number): boolean {
  if (billingCommitment === undefined) return false;
  return billingCommitment.endedAtMs === undefined || now < billingCommitment.endedAtMs;
}
