import fc from 'fast-check';

/** What answers to PutRecords may look like, for both formats. */

const shardId = fc.oneof(
  fc.integer({ min: 0, max: 200_000 }).map((number) => `shardId-${String(number).padStart(12, '0')}`),
  fc.constantFrom('shardId-999999999999', 'shardId-00000000000', 'shardId-0000000000001', 'Shard-000000000001', ''),
);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[ -~]*$/));
const sequenceNumber = fc.oneof(fc.stringMatching(/^\d{56}$/), text);
const encryption = fc.constantFrom('NONE', 'KMS');

/** Members in any order, some missing. */
export function shuffled(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.tuple(fc.record(members, { requiredKeys: [] }), fc.infiniteStream(fc.nat())).map(([object, order]) =>
    Object.fromEntries(
      Object.entries(object)
        .map((entry) => ({ entry, at: order.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ entry }) => entry),
    ),
  );
}

const plain = fc.record({ SequenceNumber: fc.stringMatching(/^\d{56}$/), ShardId: shardId });
const taken = shuffled({ SequenceNumber: sequenceNumber, ShardId: shardId, EncryptionType: encryption });
const refused = shuffled({ ErrorCode: text, ErrorMessage: text });

/** @param odd records that are none of the service's */
export function answers(odd: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  const results = fc.array(
    fc.oneof({ weight: 6, arbitrary: plain }, { weight: 3, arbitrary: taken }, { weight: 3, arbitrary: refused }, odd),
  );
  return shuffled({ FailedRecordCount: fc.nat(500), Records: results, EncryptionType: encryption });
}
