import fc from 'fast-check';

/** Arbitrary responses to PutRecords, for both formats. */

const shardId = fc.oneof(
  fc.integer({ min: 0, max: 200_000 }).map((number) => `shardId-${String(number).padStart(12, '0')}`),
  fc.constantFrom('shardId-999999999999', 'shardId-00000000000', 'shardId-0000000000001', 'Shard-000000000001'),
);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[ -~]*$/));
const someText = text.filter((value) => value !== '');
const sequenceNumber = fc.oneof(fc.stringMatching(/^\d{56}$/), someText);
const encryption = fc.constantFrom('NONE', 'KMS');

/** Members in any order, some missing. */
export function shuffled(
  members: Record<string, fc.Arbitrary<unknown>>,
  requiredKeys: string[] = [],
): fc.Arbitrary<Record<string, unknown>> {
  return fc.tuple(fc.record(members, { requiredKeys }), fc.infiniteStream(fc.nat())).map(([object, order]) =>
    Object.fromEntries(
      Object.entries(object)
        .map((entry) => ({ entry, at: order.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ entry }) => entry),
    ),
  );
}

const nothing = fc.constant(null);
const plain = fc.record({ SequenceNumber: fc.stringMatching(/^\d{56}$/), ShardId: shardId });
const stored = shuffled(
  { SequenceNumber: sequenceNumber, ShardId: shardId, EncryptionType: encryption, ErrorCode: nothing },
  ['SequenceNumber', 'ShardId'],
);
const refused = shuffled({ ErrorCode: someText, ErrorMessage: text, SequenceNumber: nothing, ShardId: shardId }, [
  'ErrorCode',
]);
const malformed = shuffled({
  SequenceNumber: fc.oneof(sequenceNumber, fc.constantFrom('', null, 7)),
  ShardId: fc.oneof(shardId, fc.constantFrom('', null, 7)),
  ErrorCode: fc.oneof(text, fc.constantFrom('', null, 7)),
  ErrorMessage: fc.oneof(text, fc.constantFrom(null, 7)),
});
const count = fc.oneof(fc.nat(9), fc.constantFrom<unknown>(null, -1, 0.5, '0', 500));

/** @param odd members of stored records that the service does not send */
export function responses(odd: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> {
  const oddStored = fc.tuple(odd, plain).map(([more, members]) => ({ ...more, ...members }));
  const result = fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 3, arbitrary: stored },
    { weight: 3, arbitrary: refused },
    oddStored,
  );
  const wellFormed = fc.array<Record<string, unknown>>(result).chain((records) => {
    const failed = records.filter(({ ErrorCode }) => typeof ErrorCode === 'string').length;
    return shuffled(
      { FailedRecordCount: fc.constant(failed), Records: fc.constant(records), EncryptionType: encryption },
      ['Records'],
    );
  });
  const results = fc.array(fc.oneof(result, malformed, odd), { maxLength: 4 });
  const doubtful = shuffled({ FailedRecordCount: count, Records: results, EncryptionType: encryption });
  return fc.oneof({ weight: 3, arbitrary: wellFormed }, { weight: 1, arbitrary: doubtful });
}

/** The result of reading, or 'malformed'. */
export function outcomeOf<T>(reading: () => T): T | 'malformed' {
  try {
    return reading();
  } catch (error) {
    if (error instanceof SyntaxError) return 'malformed';
    throw error;
  }
}

const STORED = { SequenceNumber: '4'.repeat(56), ShardId: 'shardId-000000000003' };
const REFUSED = { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal service failure.' };

/** Responses that contradict themselves, which every reader must refuse. */
export const CONTRADICTIONS: readonly [string, unknown][] = [
  ['a result with neither', { Records: [STORED, {}] }],
  ['a misspelt error code', { FailedRecordCount: 1, Records: [STORED, { ErrorCodf: 'E', ErrorMessage: 'm' }] }],
  ['a result with both', { Records: [{ ...STORED, ...REFUSED }] }],
  ['a sequence number without a shard', { Records: [{ SequenceNumber: '1' }] }],
  ['a shard without a sequence number', { Records: [{ ShardId: STORED.ShardId }] }],
  ['an empty sequence number', { Records: [{ ...STORED, SequenceNumber: '' }] }],
  ['an empty error code', { Records: [{ ErrorCode: '' }] }],
  ['nulls alone', { Records: [{ SequenceNumber: null, ShardId: null, ErrorCode: null }] }],
  ['a sequence number that is a number', { Records: [{ ...STORED, SequenceNumber: 49 }] }],
  ['an error code that is a number', { Records: [{ ErrorCode: 500 }] }],
  ['too large a count', { FailedRecordCount: 1, Records: [STORED, STORED] }],
  ['too small a count', { FailedRecordCount: 0, Records: [STORED, REFUSED] }],
  ['a count that is not a number', { FailedRecordCount: 'none', Records: [STORED] }],
  ['a result that is not an object', { Records: [STORED, 7] }],
  ['results that are not a list', { Records: STORED }],
  ['no results', { FailedRecordCount: 0 }],
];

/** A response as the service writes it. */
export const WHOLE_RESPONSE = {
  FailedRecordCount: 2,
  Records: [STORED, REFUSED, STORED, { ...STORED, EncryptionType: 'KMS' }, REFUSED, STORED],
};
export const REFUSED_OF_WHOLE = [1, 4];

/** All copies of some bytes with one bit flipped. */
export function* withABitFlipped(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << bit;
      yield flipped;
    }
  }
}
