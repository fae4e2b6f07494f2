import { ServiceError } from '../protocol/service-error.js';
import type { Input } from '../protocol/shape.js';
import { CHANGE_ENCRYPTION_INPUT } from '../protocol/shapes.js';
import type { Stream } from '../store/stream.js';
import { inLastDay } from './last-day.js';
import { type Call, operation } from './operation.js';

/** Records are told to be encrypted, as the service tells it; the emulator has no keys, and keeps them as they are. */
export const startStreamEncryption = operation(CHANGE_ENCRYPTION_INPUT, (input, call) => {
  const stream = encryptableStream(input, call);
  const startsMs = inLastDay(stream.state.encryptionStartsMs ?? [], call.now);
  if (startsMs.length >= call.accounts.limits.encryptionStartsPerDay) throw tooOften('StartStreamEncryption', stream);
  stream.update((state) => {
    state.encryptionStartsMs = [...startsMs, call.now];
  });
  stream.beginUpdate({ settings: { encryption: { type: 'KMS', keyId: input.KeyId } } }, call.now);
  return undefined;
});

export const stopStreamEncryption = operation(CHANGE_ENCRYPTION_INPUT, (input, call) => {
  const stream = encryptableStream(input, call);
  const stopsMs = inLastDay(stream.state.encryptionStopsMs ?? [], call.now);
  if (stopsMs.length >= call.accounts.limits.encryptionStopsPerDay) throw tooOften('StopStreamEncryption', stream);
  stream.update((state) => {
    state.encryptionStopsMs = [...stopsMs, call.now];
  });
  stream.beginUpdate({ settings: { encryption: { type: 'NONE' } } }, call.now);
  return undefined;
});

/** A key's id, an alias, or the ARN of either. */
const KEY_ID =
  /^(?:arn:aws[^:]*:kms:[a-z0-9-]+:\d{12}:)?(?:(?:key\/)?(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|alias\/[a-zA-Z0-9/_-]+|aws\/kinesis)$/i;

function encryptableStream(input: Input<typeof CHANGE_ENCRYPTION_INPUT>, { accounts, caller, now }: Call): Stream {
  const stream = accounts.stream(caller, input, now);
  if (input.EncryptionType !== 'KMS') {
    throw new ServiceError('InvalidArgumentException', 'EncryptionType must be KMS: the only valid value is KMS.');
  }
  if (!KEY_ID.test(input.KeyId)) throw new ServiceError('KMSNotFoundException', `Invalid keyId '${input.KeyId}'`);
  stream.requireActive();
  return stream;
}

function tooOften(operationName: string, stream: Stream): ServiceError {
  return new ServiceError(
    'LimitExceededException',
    `${operationName} was called too often in the last 24 hours for ${stream.description}.`,
  );
}
