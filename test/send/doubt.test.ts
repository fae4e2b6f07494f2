import { expect, it } from 'vitest';
import type { FailureKind } from '../../src/core/failure.js';
import { brokerError } from '../../src/kafka/errors/broker-error.js';
import { leavesDoubt } from '../../src/send/doubt.js';

it.each<[FailureKind, string, boolean]>([
  ['unreachable', 'ECONNRESET', true],
  ['unreachable', 'ETIMEDOUT', true],
  ['unreachable', 'EPIPE', true],
  ['unreachable', 'EBADRESPONSE', true],
  ['unreachable', 'ECONNREFUSED', false],
  ['unreachable', 'ENOTFOUND', false],
  ['unreachable', 'TimeoutError', false],
  ['retriable', 'InternalFailure', false],
  ['throttled', 'ProvisionedThroughputExceededException', false],
])('the stream may hold a record that failed as %s with %s: %s', (kind, code, doubt) => {
  expect(leavesDoubt({ kind, code, message: '' })).toBe(doubt);
});

it('the stream may hold a record that failed in another way if the target says so', () => {
  expect(leavesDoubt({ kind: 'retriable', code: 'HTTP 504', message: '', mayBeStored: true })).toBe(true);
});

it.each([
  [-1, 'UNKNOWN_SERVER_ERROR', true],
  [7, 'REQUEST_TIMED_OUT', true],
  [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', true],
  [999, 'ERROR_999', true],
  [19, 'NOT_ENOUGH_REPLICAS', false],
  [10, 'MESSAGE_TOO_LARGE', false],
])('the topic may hold a batch that a broker refused with %i, %s: %s', (errorCode, code, doubt) => {
  const failure = brokerError(errorCode);
  expect(failure.code).toBe(code);
  expect(leavesDoubt(failure)).toBe(doubt);
});
