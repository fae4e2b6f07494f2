import { Timestamp } from '../protocol/output.js';
import { NOTHING_INPUT, UPDATE_ACCOUNT_SETTINGS_INPUT } from '../protocol/shapes.js';
import type { AccountState } from '../store/stream-state.js';
import { hasAdvantage } from './advantage.js';
import { DAY_MS } from './last-day.js';
import { operation } from './operation.js';

/** Who commits to On-demand Advantage does so for this long at least. */
const COMMITMENT_MS = DAY_MS;

export const describeAccountSettings = operation(NOTHING_INPUT, (_, { accounts, caller, now }) => {
  return { MinimumThroughputBillingCommitment: describeCommitment(accounts.account(caller), now) };
});

export const updateAccountSettings = operation(UPDATE_ACCOUNT_SETTINGS_INPUT, (input, { accounts, caller, now }) => {
  const { billingCommitment } = accounts.account(caller);
  const isEnabled = input.MinimumThroughputBillingCommitment.Status === 'ENABLED';
  const isOver = billingCommitment?.endedAtMs !== undefined && billingCommitment.endedAtMs <= now;
  const startedAtMs = billingCommitment === undefined || isOver ? now : billingCommitment.startedAtMs;
  if (isEnabled) {
    accounts.updateAccount(caller, (account) => {
      account.billingCommitment = { startedAtMs };
    });
  } else if (billingCommitment !== undefined && billingCommitment.endedAtMs === undefined) {
    accounts.updateAccount(caller, (account) => {
      account.billingCommitment = { startedAtMs, endedAtMs: Math.max(now, startedAtMs + COMMITMENT_MS) };
    });
  }
  return { MinimumThroughputBillingCommitment: describeCommitment(accounts.account(caller), now) };
});

function describeCommitment(account: AccountState, now: number) {
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
