import { structure } from '../protocol/shape.js';
import { RESOURCE_REFERENCE, TAG_KEYS } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { resourceOf } from './resources.js';
import { withoutTags } from './tags.js';

export const untagResource = operation({
  input: structure({ ...RESOURCE_REFERENCE, TagKeys: TAG_KEYS }, ['TagKeys', 'ResourceARN']),
  emulated: 'streams and consumers',
  run: (input, call) => {
    const resource = resourceOf(input.ResourceARN, call);
    resource.requireActive();
    resource.update({ tags: withoutTags(resource.tags, input.TagKeys) });
    return undefined;
  },
});
