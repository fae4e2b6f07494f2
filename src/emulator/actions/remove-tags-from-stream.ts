import { REMOVE_TAGS_FROM_STREAM_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { withoutTags } from './tags.js';

export const removeTagsFromStream = operation(REMOVE_TAGS_FROM_STREAM_INPUT, (input, { accounts, caller, now }) => {
  const stream = accounts.stream(caller, input, now);
  stream.requireActive();
  stream.update((state) => {
    state.tags = withoutTags(state.tags, input.TagKeys);
  });
  return undefined;
});
