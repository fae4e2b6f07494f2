import { describe, expect, it } from 'vitest';
import type { WorkerGauges } from '../../../src/core/snapshot.js';
import { noticeOf, type RunState } from '../../../src/run/live/notice.js';

const IDLE: WorkerGauges = {
  held: 0,
  requestsInFlight: 0,
  slowedShards: 0,
  waitingForKey: 0,
  refusedKeys: [],
  behindMs: 0,
  respondedAtMs: 10_000,
  noResponseSinceMs: Number.POSITIVE_INFINITY,
};
const STATE: RunState = {
  phase: 'running',
  nowMs: 10_000,
  startMs: 0,
  startAtMs: undefined,
  waitsForParts: false,
  gauges: [IDLE],
  targetTimeoutMs: 30_000,
  shortage: undefined,
  waitsForRoom: false,
  follows: undefined,
  feedBehindMs: 0,
  nextDueInMs: 0,
  stopping: false,
  warmUpMs: 0,
  leftOfEarlierLegs: 0,
};
const WARMING_UP = 'warming up: percentiles and thresholds leave out the first 10s';
const FULL = { waitsForRoom: true };
const BY_KEYS = 'hot keys hold the run back: --ordered sends one record of a key at a time';
const SHORTAGE = '2 shards take 2,000 records/s; 5,000 are asked for: 5 shards are needed (6 with 20 % to spare)';
const BY_SHARDS = 'throttled shards hold the run back: add shards, or spread the keys';
const worker = (gauges: Partial<WorkerGauges>) => ({ gauges: [IDLE, { ...IDLE, ...gauges }] });

describe('a run says', () => {
  it.each<[string, Partial<RunState>, string | undefined]>([
    ['nothing when all is well', {}, undefined],
    ['that it is warming up', { warmUpMs: 10_001 }, WARMING_UP],
    ['nothing about a warm-up without one, before the first record is due', { startMs: 10_001 }, undefined],
    ['nothing about the warm-up when it is over', { warmUpMs: 10_000 }, undefined],
    ['nothing about a slow target without throttling', { ...FULL, ...worker({ held: 32_000 }) }, undefined],
    ['that shards throttle', { ...FULL, ...worker({ held: 9, slowedShards: 1 }) }, BY_SHARDS],
    ['why the shards throttle', { ...FULL, ...worker({ slowedShards: 1 }), shortage: SHORTAGE }, SHORTAGE],
    ['that it has too few keys', { ...FULL, ...worker({ held: 32_000, waitingForKey: 31_999 }) }, BY_KEYS],
    [
      'nothing about keys if there are many',
      { ...FULL, ...worker({ held: 32_000, waitingForKey: 20_000 }) },
      undefined,
    ],
    ['nothing about keys while there is room', worker({ held: 100, waitingForKey: 99 }), undefined],
    ['that it is behind', { follows: 'recording', feedBehindMs: 3_200 }, '3.2 s behind the recording'],
    [
      'why it is behind',
      { ...FULL, ...worker({ held: 10, waitingForKey: 10, behindMs: 700 }), follows: 'schedule' },
      `0.7 s behind the schedule: ${BY_KEYS}`,
    ],
    ['nothing about a short wait', { follows: 'recording', nextDueInMs: 29_000 }, undefined],
    [
      'when the next record is due',
      { follows: 'recording', nextDueInMs: 7_380_000 },
      'the next record is due in 2h 03m (--max-gap shortens gaps)',
    ],
    [
      'when the next record is due at a slow rate',
      { follows: 'schedule', nextDueInMs: 65_000 },
      'the next record is due in 1m 05s',
    ],
    ['nothing about the next record while it is paused', { phase: 'paused', nextDueInMs: 65_000 }, undefined],
    [
      'how many settled records it still has to skip',
      { leftOfEarlierLegs: 1_234 },
      'skipping settled records: 1,234 records to go',
    ],
    ['how many records are left', { phase: 'draining', ...worker({ held: 1_234 }) }, 'draining: 1,234 records to go'],
    [
      'how many records are left after a stop',
      { phase: 'draining', stopping: true, ...worker({ held: 5 }) },
      'draining: 5 records to go, stop again to end at once',
    ],
    [
      'that the target does not respond',
      { gauges: [{ ...IDLE, held: 5, noResponseSinceMs: 6_000, respondedAtMs: 5_000 }] },
      'no response for 4s: the run ends after 30s',
    ],
    [
      'when it begins',
      { phase: 'waiting', startAtMs: 1_767_322_800_000, startMs: 25_000 },
      'starts at 2026-01-02T03:00:00.000Z, in 15s',
    ],
  ])('%s', (_, state, text) => {
    expect(noticeOf({ ...STATE, ...state })).toBe(text);
  });
});
