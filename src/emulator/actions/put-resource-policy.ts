import { PUT_RESOURCE_POLICY_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { checkPolicy } from './policy.js';
import { resourceOf } from './resources.js';

/** The policy is kept and given back; it is not enforced, since callers of the emulator have no identity but an account. */
export const putResourcePolicy = operation(PUT_RESOURCE_POLICY_INPUT, (input, call) => {
  const resource = resourceOf(input.ResourceARN, call);
  checkPolicy(input.Policy);
  resource.requireActive();
  resource.update({ policy: input.Policy });
  return undefined;
});
