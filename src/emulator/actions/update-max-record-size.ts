import { structure } from '../protocol/shape.js';
import { MAX_RECORD_SIZE_IN_KIB, STREAM_ARN_REFERENCE } from '../protocol/shapes.js';
import { operation } from './operation.js';

export const updateMaxRecordSize = operation({
  input: structure({ ...STREAM_ARN_REFERENCE, MaxRecordSizeInKiB: MAX_RECORD_SIZE_IN_KIB }, ['MaxRecordSizeInKiB']),
  emulated: '1 to 10 MiB; applies at once to new records',
  run: (input, { accounts, caller, now }) => {
    const stream = accounts.stream(caller, input, now);
    stream.requireActive();
    stream.beginUpdate({ settings: { maxRecordSizeInKiB: input.MaxRecordSizeInKiB } }, now);
    return undefined;
  },
});
