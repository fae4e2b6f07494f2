import { ADD_TAGS_TO_STREAM_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { withTags } from './tags.js';

export const addTagsToStream = operation(ADD_TAGS_TO_STREAM_INPUT, (input, { accounts, caller, now }) => {
  const stream = accounts.stream(caller, input, now);
  stream.requireActive();
  const tags = withTags(stream.state.tags, input.Tags, stream.description, accounts.limits.tagsPerResource);
  stream.update((state) => {
    state.tags = tags;
  });
  return undefined;
});
