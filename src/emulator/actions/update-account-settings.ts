import { oneOf, structure } from '../protocol/shape.js';
import { COMMITMENT_MS, describeCommitment } from './billing-commitment.js';
import { operation } from './operation.js';

export const updateAccountSettings = operation({
  input: structure(
    { MinimumThroughputBillingCommitment: structure({ Status: oneOf('ENABLED', 'DISABLED') }, ['Status']) },
    ['MinimumThroughputBillingCommitment'],
  ),
  emulated: 'On-demand Advantage and its minimum of 24 h; nothing is billed',
  run: (input, { accounts, caller, now }) => {
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
  },
});
