import { operation } from './operation.js';
import { CHANGE_RETENTION_INPUT, streamToChange, wrongDirection } from './retention.js';

export const increaseStreamRetentionPeriod = operation({
  input: CHANGE_RETENTION_INPUT,
  emulated: 'up to 8,760 h',
  run: (input, call) => {
    const hours = input.RetentionPeriodHours;
    const stream = streamToChange(input, call);
    if (hours < stream.state.retentionHours) throw wrongDirection(stream, hours, 'shorter', 'DecreaseRetentionPeriod');
    if (hours !== stream.state.retentionHours) stream.changeRetention(hours, call.now);
    return undefined;
  },
});
