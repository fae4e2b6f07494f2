import { operation } from './operation.js';
import { noPolicy, RESOURCE_POLICY_INPUT, resourceOf } from './resources.js';

export const deleteResourcePolicy = operation({
  input: RESOURCE_POLICY_INPUT,
  emulated: 'complete',
  run: (input, call) => {
    const resource = resourceOf(input.ResourceARN, call);
    if (resource.policy === undefined) throw noPolicy(input.ResourceARN);
    resource.requireActive();
    resource.update({ policy: undefined });
    return undefined;
  },
});
