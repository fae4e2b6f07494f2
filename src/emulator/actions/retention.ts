import { invalidArgument } from '../protocol/service-error.js';
import { integer, structure } from '../protocol/shape.js';
import { STREAM_REFERENCE } from '../protocol/shapes.js';
import { type Operation, operation } from './operation.js';

const HOURS_MIN = 24;
const HOURS_MAX = 8760;

/** Takes any number of hours: the operations refuse those out of range themselves. */
const INPUT = structure({ ...STREAM_REFERENCE, RetentionPeriodHours: integer({}) }, ['RetentionPeriodHours']);

export const increaseStreamRetentionPeriod = changeRetention('increase', 'up to 8,760 h');
export const decreaseStreamRetentionPeriod = changeRetention(
  'decrease',
  'complete; records older than the new period are removed at once',
);

function changeRetention(direction: 'increase' | 'decrease', emulated: string): Operation {
  return operation({
    input: INPUT,
    emulated,
    run: (input, { accounts, caller, now }) => {
      const hours = input.RetentionPeriodHours;
      const stream = accounts.stream(caller, input, now);
      checkRange(hours);
      stream.requireActive();
      const before = stream.state.retentionHours;
      if (direction === 'increase' ? hours < before : hours > before) {
        const [than, instead] =
          direction === 'increase' ? ['shorter', 'DecreaseRetentionPeriod'] : ['longer', 'IncreaseRetentionPeriod'];
        throw invalidArgument(
          `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${than} than existing ` +
            `retention period (${before} hours). Use ${instead} API.`,
        );
      }
      if (hours !== before) stream.changeRetention(hours, now);
      return undefined;
    },
  });
}

/** Throws an InvalidArgumentException if no stream can have this retention period. */
function checkRange(hours: number): void {
  if (hours < HOURS_MIN) {
    throw invalidArgument(
      `Minimum allowed retention period is ${HOURS_MIN} hours. ` +
        `Requested retention period (${hours} hours) is too short.`,
    );
  }
  if (hours > HOURS_MAX) {
    throw invalidArgument(
      `Maximum allowed retention period is ${HOURS_MAX} hours. ` +
        `Requested retention period (${hours} hours) is too long.`,
    );
  }
}
