import assert from 'node:assert';
import fc from 'fast-check';

/**
 * What properties draw from. One seed for all, so that a commit that passed passes again, on any machine; another, or
 * `random` for a new one in each property, looks where nobody has looked (fast-check prints it where one fails).
 */
const seed = process.env.KLOAD_TEST_SEED ?? '1';

if (seed !== 'random') {
  assert(/^-?\d+$/.test(seed), `KLOAD_TEST_SEED is a whole number or 'random', not '${seed}'`);
  fc.configureGlobal({ seed: Number(seed) });
}
