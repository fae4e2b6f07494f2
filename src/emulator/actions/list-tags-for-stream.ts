import { integer, structure } from '../protocol/shape.js';
import { STREAM_REFERENCE, TAG_KEY } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { describeTags } from './tags.js';

export const listTagsForStream = operation({
  input: structure({
    ...STREAM_REFERENCE,
    ExclusiveStartTagKey: TAG_KEY,
    Limit: integer({ min: 1, max: 50 }),
  }),
  emulated: 'with pages',
  run: (input, { accounts, caller, now }) => {
    const { state } = accounts.stream(caller, input, now);
    const after = input.ExclusiveStartTagKey;
    const rest = describeTags(state.tags).filter(({ Key }) => after === undefined || Key > after);
    const page = rest.slice(0, input.Limit);
    return { Tags: page, HasMoreTags: page.length < rest.length };
  },
});
