import { structure } from '../protocol/shape.js';
import { RESOURCE_REFERENCE } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { resourceOf } from './resources.js';
import { describeTags } from './tags.js';

export const listTagsForResource = operation({
  input: structure(RESOURCE_REFERENCE, ['ResourceARN']),
  emulated: 'streams and consumers',
  run: (input, call) => {
    return { Tags: describeTags(resourceOf(input.ResourceARN, call).tags) };
  },
});
