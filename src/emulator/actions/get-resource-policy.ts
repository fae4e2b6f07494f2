import { RESOURCE_POLICY_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { noPolicy, resourceOf } from './resources.js';

export const getResourcePolicy = operation(RESOURCE_POLICY_INPUT, (input, call) => {
  const { policy } = resourceOf(input.ResourceARN, call);
  if (policy === undefined) throw noPolicy(input.ResourceARN);
  return { Policy: policy };
});
