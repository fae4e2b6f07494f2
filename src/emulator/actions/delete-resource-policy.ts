import { resourceNotFound } from '../protocol/service-error.js';
import { operation } from './operation.js';
import { RESOURCE_INPUT, resourceOf } from './resources.js';

export const deleteResourcePolicy = operation({
  input: RESOURCE_INPUT,
  emulated: 'complete',
  run: (input, call) => {
    const resource = resourceOf(input.ResourceARN, call);
    if (resource.policy === undefined) {
      throw resourceNotFound(`No resource policy found for resource ARN ${input.ResourceARN}`);
    }
    resource.requireActive();
    resource.update({ policy: undefined });
    return undefined;
  },
});
