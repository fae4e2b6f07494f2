import { KloadError } from '../../src/core/errors.js';

/** The KloadError that an action throws. */
export function errorOf(action: () => void): KloadError {
  try {
    action();
  } catch (error) {
    if (error instanceof KloadError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
