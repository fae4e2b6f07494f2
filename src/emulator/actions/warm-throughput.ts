import { ServiceError } from '../protocol/service-error.js';
import type { StreamMode } from '../store/stream-state.js';
import type { World } from '../store/world.js';

/** Throws where a stream of this mode cannot be asked to be ready for so much. */
export function checkWarmThroughput(warmMiBps: number | undefined, mode: StreamMode, world: World): void {
  if (warmMiBps === undefined) return;
  if (mode === 'PROVISIONED') {
    throw new ServiceError('ValidationException', 'WarmThroughputMiBps is not expected when StreamMode=PROVISIONED');
  }
  const { warmThroughputMiBps } = world.limits;
  if (warmMiBps > warmThroughputMiBps) {
    throw new ServiceError(
      'LimitExceededException',
      `WarmThroughputMiBps cannot be greater than ${warmThroughputMiBps}. Requested: ${warmMiBps}.`,
    );
  }
}
