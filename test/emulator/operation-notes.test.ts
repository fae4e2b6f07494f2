import { expect, test } from 'vitest';
import { OPERATION_NOTES, OPERATIONS } from '../../src/emulator/actions/index.js';

test('README says of each operation what is emulated', () => {
  for (const name of OPERATIONS.keys()) expect(OPERATION_NOTES[name]).toMatch(/\S/);
});
