import { CHANGE_ENCRYPTION_INPUT, changeEncryption } from './encryption.js';
import { operation } from './operation.js';

export const stopStreamEncryption = operation({
  input: CHANGE_ENCRYPTION_INPUT,
  emulated: 'complete',
  run: (input, call) => changeEncryption(input, call, { type: 'NONE' }),
});
