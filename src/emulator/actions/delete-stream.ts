import { ServiceError } from '../protocol/service-error.js';
import { DELETE_STREAM_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';

export const deleteStream = operation(DELETE_STREAM_INPUT, (input, { accounts, caller, now }) => {
  const stream = accounts.stream(caller, input, now);
  stream.requireActive();
  if (stream.state.consumers.length > 0 && input.EnforceConsumerDeletion !== true) {
    throw new ServiceError(
      'ResourceInUseException',
      `DeleteStream can't delete ${stream.account}:${stream.name} because there are consumers associated with this ` +
        `data stream. To delete ${stream.name} anyway, set the EnforceConsumerDeletion parameter to true to force ` +
        'the deletion of all the consumers that are associated with it.',
    );
  }
  accounts.deleteStream(stream, now);
  return undefined;
});
