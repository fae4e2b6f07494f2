import { string, structure } from '../protocol/shape.js';
import { RESOURCE_REFERENCE } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { checkPolicy } from './policy.js';
import { resourceOf } from './resources.js';

/** Stores the policy. It is not enforced: callers of the emulator have no identity but an account. */
export const putResourcePolicy = operation({
  input: structure({ ...RESOURCE_REFERENCE, Policy: string({}) }, ['ResourceARN', 'Policy']),
  emulated:
    'the form is checked, the policy stored and returned; not enforced, since callers have no identity but an account',
  run: (input, call) => {
    const resource = resourceOf(input.ResourceARN, call);
    checkPolicy(input.Policy);
    resource.requireActive();
    resource.update({ policy: input.Policy });
    return undefined;
  },
});
