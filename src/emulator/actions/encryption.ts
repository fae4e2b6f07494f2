import { ServiceError } from '../protocol/service-error.js';
import { type Input, oneOf, string, structure } from '../protocol/shape.js';
import { STREAM_REFERENCE } from '../protocol/shapes.js';
import type { Encryption } from '../store/stream-state.js';
import { inLastDay } from './last-day.js';
import type { Call } from './operation.js';

/** Shared by StartStreamEncryption and StopStreamEncryption. */

export const CHANGE_ENCRYPTION_INPUT = structure(
  { ...STREAM_REFERENCE, EncryptionType: oneOf('NONE', 'KMS'), KeyId: string({ min: 1, max: 2048 }) },
  ['EncryptionType', 'KeyId'],
);

/** A key's id, an alias, or the ARN of either. */
const KEY_ID =
  /^(?:arn:aws[^:]*:kms:[a-z0-9-]+:\d{12}:)?(?:(?:key\/)?(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|alias\/[a-zA-Z0-9/_-]+|aws\/kinesis)$/i;

interface EncryptionChange {
  readonly operation: 'StartStreamEncryption' | 'StopStreamEncryption';
  readonly encryption: Encryption;
  /** Where the stream keeps the times of these calls. */
  readonly history: 'encryptionStartsMs' | 'encryptionStopsMs';
  readonly maxPerDay: number;
}

/**
 * Begins the change, with the service's checks. Descriptions and responses report the encryption, but the emulator has no
 * keys and stores records as they are.
 */
export function changeEncryption(
  input: Input<typeof CHANGE_ENCRYPTION_INPUT>,
  { accounts, caller, now }: Call,
  { operation, encryption, history, maxPerDay }: EncryptionChange,
): void {
  const stream = accounts.stream(caller, input, now);
  if (input.EncryptionType !== 'KMS') {
    throw new ServiceError('InvalidArgumentException', 'EncryptionType must be KMS: the only valid value is KMS.');
  }
  if (!KEY_ID.test(input.KeyId)) throw new ServiceError('KMSNotFoundException', `Invalid keyId '${input.KeyId}'`);
  stream.requireActive();
  const callsMs = inLastDay(stream.state[history] ?? [], now);
  if (callsMs.length >= maxPerDay) {
    throw new ServiceError(
      'LimitExceededException',
      `${operation} was called too often in the last 24 hours for ${stream.description}.`,
    );
  }
  stream.update((state) => {
    state[history] = [...callsMs, now];
  });
  stream.beginUpdate({ settings: { encryption } }, now);
}
