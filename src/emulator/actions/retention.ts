import { invalidArgument, type ServiceError } from '../protocol/service-error.js';
import { type Input, integer, structure } from '../protocol/shape.js';
import { STREAM_REFERENCE } from '../protocol/shapes.js';
import type { Stream } from '../store/stream.js';
import type { Call } from './operation.js';

/** Shared by IncreaseStreamRetentionPeriod and DecreaseStreamRetentionPeriod. */

/** Takes any number of hours: the operations refuse those out of range themselves. */
export const CHANGE_RETENTION_INPUT = structure({ ...STREAM_REFERENCE, RetentionPeriodHours: integer({}) }, [
  'RetentionPeriodHours',
]);

const HOURS_MIN = 24;
const HOURS_MAX = 8760;

/** The stream, which is ACTIVE. Throws an InvalidArgumentException if no stream can have this retention period. */
export function streamToChange(input: Input<typeof CHANGE_RETENTION_INPUT>, { accounts, caller, now }: Call): Stream {
  const hours = input.RetentionPeriodHours;
  const stream = accounts.stream(caller, input, now);
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
  stream.requireActive();
  return stream;
}

export function wrongDirection(stream: Stream, hours: number, comparison: string, instead: string): ServiceError {
  return invalidArgument(
    `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${comparison} than existing ` +
      `retention period (${stream.state.retentionHours} hours). Use ${instead} API.`,
  );
}
