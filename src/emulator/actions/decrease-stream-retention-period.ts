import { operation } from './operation.js';
import { CHANGE_RETENTION_INPUT, streamToChange, wrongDirection } from './retention.js';

export const decreaseStreamRetentionPeriod = operation({
  input: CHANGE_RETENTION_INPUT,
  emulated: 'complete; records older than the new period are removed at once',
  run: (input, call) => {
    const hours = input.RetentionPeriodHours;
    const stream = streamToChange(input, call);
    if (hours > stream.state.retentionHours) throw wrongDirection(stream, hours, 'longer', 'IncreaseRetentionPeriod');
    if (hours !== stream.state.retentionHours) stream.changeRetention(hours, call.now);
    return undefined;
  },
});
