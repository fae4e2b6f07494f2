import { RESOURCE_POLICY_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { resourceOf } from './resources.js';

/** What the service returns for a resource without a policy. */
const NO_POLICY = '{}';

export const getResourcePolicy = operation(RESOURCE_POLICY_INPUT, (input, call) => {
  const { policy = NO_POLICY } = resourceOf(input.ResourceARN, call);
  return { Policy: policy };
});
