import { UNTAG_RESOURCE_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { resourceOf } from './resources.js';
import { withoutTags } from './tags.js';

export const untagResource = operation(UNTAG_RESOURCE_INPUT, (input, call) => {
  const resource = resourceOf(input.ResourceARN, call);
  resource.requireActive();
  resource.update({ tags: withoutTags(resource.tags, input.TagKeys) });
  return undefined;
});
