import { ServiceError } from '../protocol/service-error.js';
import type { Input } from '../protocol/shape.js';
import type { CHANGE_RETENTION_INPUT } from '../protocol/shapes.js';
import type { Stream } from '../store/stream.js';
import type { Call } from './operation.js';

/** What the two operations that change how long records stay have in common. */

const HOURS_MIN = 24;
const HOURS_MAX = 8760;

/** The stream, ACTIVE. Throws an InvalidArgumentException where no stream can keep its records for so long. */
export function streamToChange(input: Input<typeof CHANGE_RETENTION_INPUT>, { accounts, caller, now }: Call): Stream {
  const hours = input.RetentionPeriodHours;
  const stream = accounts.stream(caller, input, now);
  if (hours < HOURS_MIN) {
    throw invalid(
      `Minimum allowed retention period is ${HOURS_MIN} hours. Requested retention period (${hours} hours) is too short.`,
    );
  }
  if (hours > HOURS_MAX) {
    throw invalid(
      `Maximum allowed retention period is ${HOURS_MAX} hours. Requested retention period (${hours} hours) is too long.`,
    );
  }
  stream.requireActive();
  return stream;
}

export function wrongDirection(stream: Stream, hours: number, comparison: string, instead: string): ServiceError {
  return invalid(
    `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${comparison} than existing ` +
      `retention period (${stream.state.retentionHours} hours). Use ${instead} API.`,
  );
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidArgumentException', message);
}
