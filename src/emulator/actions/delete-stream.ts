import { resourceInUse } from '../protocol/service-error.js';
import { structure } from '../protocol/shape.js';
import { BOOLEAN, STREAM_REFERENCE } from '../protocol/shapes.js';
import { operation } from './operation.js';

export const deleteStream = operation({
  input: structure({ ...STREAM_REFERENCE, EnforceConsumerDeletion: BOOLEAN }),
  emulated: 'DELETING for `--delete-delay`; EnforceConsumerDeletion',
  run: (input, { accounts, caller, now }) => {
    const stream = accounts.stream(caller, input, now);
    stream.requireActive();
    if (stream.state.consumers.length > 0 && input.EnforceConsumerDeletion !== true) {
      throw resourceInUse(
        `DeleteStream can't delete ${stream.account}:${stream.name} because there are consumers associated with this ` +
          `data stream. To delete ${stream.name} anyway, set the EnforceConsumerDeletion parameter to true to force ` +
          'the deletion of all the consumers that are associated with it.',
      );
    }
    accounts.deleteStream(stream, now);
    return undefined;
  },
});
