import { LIST_TAGS_FOR_RESOURCE_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { resourceOf } from './resources.js';
import { describeTags } from './tags.js';

export const listTagsForResource = operation(LIST_TAGS_FOR_RESOURCE_INPUT, (input, call) => {
  return { Tags: describeTags(resourceOf(input.ResourceARN, call).tags) };
});
