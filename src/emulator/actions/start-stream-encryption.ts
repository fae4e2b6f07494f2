import { CHANGE_ENCRYPTION_INPUT, changeEncryption } from './encryption.js';
import { operation } from './operation.js';

export const startStreamEncryption = operation({
  input: CHANGE_ENCRYPTION_INPUT,
  emulated: 'reported in descriptions and responses; there are no keys, records are stored as they are',
  run: (input, call) => changeEncryption(input, call, { type: 'KMS', keyId: input.KeyId }),
});
