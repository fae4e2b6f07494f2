import { ADD_TAGS_TO_STREAM_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { withTags } from './tags.js';

export const addTagsToStream = operation(ADD_TAGS_TO_STREAM_INPUT, (input, { world, caller, now }) => {
  const stream = world.stream(caller, input, now);
  stream.requireActive();
  const tags = withTags(stream.state.tags, input.Tags, stream.description, world.limits.tagsPerResource);
  stream.update((state) => {
    state.tags = tags;
  });
  return undefined;
});
