import { operation } from './operation.js';
import { RESOURCE_INPUT, resourceOf } from './resources.js';

/** The service returns this for a resource without a policy. */
const NO_POLICY = '{}';

export const getResourcePolicy = operation({
  input: RESOURCE_INPUT,
  emulated: 'complete',
  run: (input, call) => {
    const { policy = NO_POLICY } = resourceOf(input.ResourceARN, call);
    return { Policy: policy };
  },
});
