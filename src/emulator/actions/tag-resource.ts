import { structure } from '../protocol/shape.js';
import { RESOURCE_REFERENCE, TAGS } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { resourceOf } from './resources.js';
import { withTags } from './tags.js';

export const tagResource = operation({
  input: structure({ ...RESOURCE_REFERENCE, Tags: TAGS }, ['Tags', 'ResourceARN']),
  emulated: 'streams and consumers',
  run: (input, call) => {
    const resource = resourceOf(input.ResourceARN, call);
    resource.requireActive();
    const { tagsPerResource } = call.accounts.limits;
    resource.update({ tags: withTags(resource.tags, input.Tags, resource.description, tagsPerResource) });
    return undefined;
  },
});
