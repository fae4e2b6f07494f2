import { structure } from '../protocol/shape.js';
import { STREAM_REFERENCE, TAG_KEYS } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { streamOf } from './resources.js';
import { removeTags } from './tags.js';

export const removeTagsFromStream = operation({
  input: structure({ ...STREAM_REFERENCE, TagKeys: TAG_KEYS }, ['TagKeys']),
  emulated: 'complete',
  run: (input, call) => removeTags(streamOf(input, call), input.TagKeys),
});
