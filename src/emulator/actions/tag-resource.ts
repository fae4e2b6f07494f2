import { TAG_RESOURCE_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { resourceOf } from './resources.js';
import { withTags } from './tags.js';

export const tagResource = operation(TAG_RESOURCE_INPUT, (input, call) => {
  const resource = resourceOf(input.ResourceARN, call);
  resource.requireActive();
  const { tagsPerResource } = call.accounts.limits;
  resource.update({ tags: withTags(resource.tags, input.Tags, resource.description, tagsPerResource) });
  return undefined;
});
