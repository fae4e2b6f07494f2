import { Timestamp } from '../protocol/output.js';
import type { AccountState } from '../store/stream-state.js';
import { DAY_MS } from './last-day.js';

/** On-demand Advantage lasts at least this long. */
export const COMMITMENT_MS = DAY_MS;

/** True if the account has On-demand Advantage: it lasts until the end of the commitment. */
export function hasAdvantage({ billingCommitment }: AccountState, now: number): boolean {
  if (billingCommitment === undefined) return false;
  return billingCommitment.endedAtMs === undefined || now < billingCommitment.endedAtMs;
}

export function describeCommitment(account: AccountState, now: number) {
  const { billingCommitment } = account;
  if (billingCommitment === undefined) return { Status: 'DISABLED' };
  const { startedAtMs, endedAtMs } = billingCommitment;
  const StartedAt = new Timestamp(startedAtMs);
  if (!hasAdvantage(account, now)) return { Status: 'DISABLED', StartedAt, EndedAt: new Timestamp(endedAtMs ?? now) };
  return {
    Status: endedAtMs === undefined ? 'ENABLED' : 'ENABLED_UNTIL_EARLIEST_ALLOWED_END',
    StartedAt,
    EarliestAllowedEndAt: new Timestamp(startedAtMs + COMMITMENT_MS),
  };
}
