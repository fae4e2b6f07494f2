import { invalidArgument, limitExceeded, ServiceError } from '../protocol/service-error.js';
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

/** The operation, where the stream keeps the times of its calls, and their limit. */
const START = ['StartStreamEncryption', 'encryptionStartsMs', 'encryptionStartsPerDay'] as const;
const STOP = ['StopStreamEncryption', 'encryptionStopsMs', 'encryptionStopsPerDay'] as const;

/** A key's id, an alias, or the ARN of either. */
const ARN = /arn:aws[^:]*:kms:[a-z0-9-]+:\d{12}:/.source;
const KEY = /(?:key\/)?(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/.source;
const ALIAS = /alias\/[a-zA-Z0-9/_-]+|aws\/kinesis/.source;
const KEY_ID = new RegExp(`^(?:${ARN})?(?:${KEY}|${ALIAS})$`, 'i');

/**
 * Begins the change, with the service's checks. Descriptions and responses report the encryption, but the emulator has
 * no keys and stores records as they are.
 */
export function changeEncryption(
  input: Input<typeof CHANGE_ENCRYPTION_INPUT>,
  { accounts, caller, now }: Call,
  encryption: Encryption,
): undefined {
  const stream = accounts.stream(caller, input, now);
  if (input.EncryptionType !== 'KMS') {
    throw invalidArgument('EncryptionType must be KMS: the only valid value is KMS.');
  }
  if (!KEY_ID.test(input.KeyId)) throw new ServiceError('KMSNotFoundException', `Invalid keyId '${input.KeyId}'`);
  stream.requireActive();
  const [operation, history, limit] = encryption.type === 'NONE' ? STOP : START;
  const callsMs = inLastDay(stream.state[history] ?? [], now);
  if (callsMs.length >= accounts.limits[limit]) {
    throw limitExceeded(`${operation} was called too often in the last 24 hours for ${stream.description}.`);
  }
  stream.update((state) => {
    state[history] = [...callsMs, now];
  });
  stream.beginUpdate({ settings: { encryption } }, now);
  return undefined;
}
