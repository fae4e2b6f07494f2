import { expect, test } from 'vitest';
import { RecordBatch } from '../../src/emulator/store/record-batch.js';
import { call, emulatorFor } from './support.js';

const RECORD = { StreamName: 's', PartitionKey: 'k', Data: 'eA==' };
const TOO_LARGE = Buffer.alloc(1024 * 1024).toString('base64');
const BEYOND_RANGE = String(2n ** 128n);

/** The batch that the next request will take from the pool. */
function nextBatch(): RecordBatch {
  const batch = RecordBatch.take();
  batch.release();
  return batch;
}

test.each([
  ['PutRecord', 'a record that is too large', { ...RECORD, Data: TOO_LARGE }],
  ['PutRecord', 'an explicit hash key out of range', { ...RECORD, ExplicitHashKey: BEYOND_RANGE }],
  ['PutRecord', 'a sequence number from the future', { ...RECORD, SequenceNumberForOrdering: '9'.repeat(50) }],
  ['PutRecord', 'a dry run', { ...RECORD, DryRun: true }],
  ['PutRecords', 'a stream that does not exist', { StreamName: 'none', Records: [RECORD] }],
  [
    'PutRecords',
    'a hash key out of range',
    { StreamName: 's', Records: [{ ...RECORD, ExplicitHashKey: BEYOND_RANGE }] },
  ],
  ['PutRecords', 'a dry run', { StreamName: 's', Records: [RECORD], DryRun: true }],
  ['PutRecords', 'a body cut short', '{"StreamName":"s","Records":[{"PartitionKey":"k","Data":"eA=="}'],
])('%s refused for %s returns its batch to the pool', async (operation, _, body) => {
  const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
  const batch = nextBatch();
  expect((await call(emulator, operation, body)).status).toBe(400);
  // Not toBe(batch): a failure would print the difference of two large batches.
  expect(nextBatch() === batch).toBe(true);
});
