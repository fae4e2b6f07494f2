import { CHANGE_RETENTION_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { streamToChange, wrongDirection } from './retention.js';

export const increaseStreamRetentionPeriod = operation(CHANGE_RETENTION_INPUT, (input, call) => {
  const hours = input.RetentionPeriodHours;
  const stream = streamToChange(input, call);
  if (hours < stream.state.retentionHours) throw wrongDirection(stream, hours, 'shorter', 'DecreaseRetentionPeriod');
  if (hours !== stream.state.retentionHours) stream.changeRetention(hours, call.now);
  return undefined;
});
