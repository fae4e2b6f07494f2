import { LIST_TAGS_FOR_STREAM_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { describeTags } from './tags.js';

export const listTagsForStream = operation(LIST_TAGS_FOR_STREAM_INPUT, (input, { accounts, caller, now }) => {
  const { state } = accounts.stream(caller, input, now);
  const after = input.ExclusiveStartTagKey;
  const rest = describeTags(state.tags).filter(({ Key }) => after === undefined || Key > after);
  const page = rest.slice(0, input.Limit);
  return { Tags: page, HasMoreTags: page.length < rest.length };
});
