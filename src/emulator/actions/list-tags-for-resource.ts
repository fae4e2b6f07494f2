import { operation } from './operation.js';
import { RESOURCE_INPUT, resourceOf } from './resources.js';
import { describeTags } from './tags.js';

export const listTagsForResource = operation({
  input: RESOURCE_INPUT,
  emulated: 'streams and consumers',
  run: (input, call) => {
    return { Tags: describeTags(resourceOf(input.ResourceARN, call).tags) };
  },
});
