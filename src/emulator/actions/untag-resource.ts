import { structure } from '../protocol/shape.js';
import { RESOURCE_REFERENCE, TAG_KEYS } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { resourceOf } from './resources.js';
import { removeTags } from './tags.js';

export const untagResource = operation({
  input: structure({ ...RESOURCE_REFERENCE, TagKeys: TAG_KEYS }, ['TagKeys', 'ResourceARN']),
  emulated: 'streams and consumers',
  run: (input, call) => removeTags(resourceOf(input.ResourceARN, call), input.TagKeys),
});
