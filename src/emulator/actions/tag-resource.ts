import { structure } from '../protocol/shape.js';
import { RESOURCE_REFERENCE, TAGS } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { resourceOf } from './resources.js';
import { addTags } from './tags.js';

export const tagResource = operation({
  input: structure({ ...RESOURCE_REFERENCE, Tags: TAGS }, ['Tags', 'ResourceARN']),
  emulated: 'streams and consumers',
  run: (input, call) => addTags(resourceOf(input.ResourceARN, call), input.Tags, call),
});
