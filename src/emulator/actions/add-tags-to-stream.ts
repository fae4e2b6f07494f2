import { structure } from '../protocol/shape.js';
import { STREAM_REFERENCE, TAGS } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { streamOf } from './resources.js';
import { addTags } from './tags.js';

export const addTagsToStream = operation({
  input: structure({ ...STREAM_REFERENCE, Tags: TAGS }, ['Tags']),
  emulated: 'complete, with the limit on tags',
  run: (input, call) => addTags(streamOf(input, call), input.Tags, call),
});
