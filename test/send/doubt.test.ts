import { expect, it } from 'vitest';
import type { FailureKind } from '../../src/core/failure.js';
import { leavesDoubt } from '../../src/send/doubt.js';

it.each<[FailureKind, string, boolean]>([
  ['unreachable', 'ECONNRESET', true],
  ['unreachable', 'ETIMEDOUT', true],
  ['unreachable', 'EPIPE', true],
  ['unreachable', 'ECONNREFUSED', false],
  ['unreachable', 'ENOTFOUND', false],
  ['unreachable', 'TimeoutError', false],
  ['retriable', 'UnreadableAnswer', true],
  ['retriable', 'HTTP 504', true],
  ['retriable', 'REQUEST_TIMED_OUT', true],
  ['retriable', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', true],
  ['retriable', 'NOT_ENOUGH_REPLICAS', false],
  ['retriable', 'InternalFailure', false],
  ['permanent', 'HTTP 413', false],
  ['throttled', 'ProvisionedThroughputExceededException', false],
])('a record that failed as %s with %s: the stream may have it: %s', (kind, code, doubt) => {
  expect(leavesDoubt({ kind, code, message: '' })).toBe(doubt);
});
