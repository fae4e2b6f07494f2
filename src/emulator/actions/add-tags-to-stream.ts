import { structure } from '../protocol/shape.js';
import { STREAM_REFERENCE, TAGS } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { withTags } from './tags.js';

export const addTagsToStream = operation({
  input: structure({ ...STREAM_REFERENCE, Tags: TAGS }, ['Tags']),
  emulated: 'complete, with the limit on tags',
  run: (input, { accounts, caller, now }) => {
    const stream = accounts.stream(caller, input, now);
    stream.requireActive();
    const tags = withTags(stream.state.tags, input.Tags, stream.description, accounts.limits.tagsPerResource);
    stream.update((state) => {
      state.tags = tags;
    });
    return undefined;
  },
});
