import { structure } from '../protocol/shape.js';
import { STREAM_REFERENCE, TAG_KEYS } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { withoutTags } from './tags.js';

export const removeTagsFromStream = operation({
  input: structure({ ...STREAM_REFERENCE, TagKeys: TAG_KEYS }, ['TagKeys']),
  emulated: 'complete',
  run: (input, { accounts, caller, now }) => {
    const stream = accounts.stream(caller, input, now);
    stream.requireActive();
    stream.update((state) => {
      state.tags = withoutTags(state.tags, input.TagKeys);
    });
    return undefined;
  },
});
