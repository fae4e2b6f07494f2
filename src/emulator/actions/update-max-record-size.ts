import { UPDATE_MAX_RECORD_SIZE_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';

export const updateMaxRecordSize = operation(UPDATE_MAX_RECORD_SIZE_INPUT, (input, { accounts, caller, now }) => {
  const stream = accounts.stream(caller, input, now);
  stream.requireActive();
  stream.beginUpdate({ settings: { maxRecordSizeInKiB: input.MaxRecordSizeInKiB } }, now);
  return undefined;
});
