import { structure } from '../protocol/shape.js';
import { describeCommitment } from './billing-commitment.js';
import { operation } from './operation.js';

export const describeAccountSettings = operation({
  input: structure({}),
  emulated: 'complete; nothing is billed',
  run: (_, { accounts, caller, now }) => {
    return { MinimumThroughputBillingCommitment: describeCommitment(accounts.account(caller), now) };
  },
});
