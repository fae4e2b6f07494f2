import { RESOURCE_POLICY_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { noPolicy, resourceOf } from './resources.js';

export const deleteResourcePolicy = operation(RESOURCE_POLICY_INPUT, (input, call) => {
  const resource = resourceOf(input.ResourceARN, call);
  if (resource.policy === undefined) throw noPolicy(input.ResourceARN);
  resource.requireActive();
  resource.update({ policy: undefined });
  return undefined;
});
