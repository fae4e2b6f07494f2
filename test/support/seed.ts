import assert from 'node:assert';
import fc from 'fast-check';

/**
 * The seed of property tests. It is fixed, so that a commit that passed once passes again on any machine. Another seed,
 * or `random` for a new one in each property, tests other cases; fast-check prints the seed of a property that fails.
 */
const seed = process.env.KLOAD_TEST_SEED ?? '1';

if (seed !== 'random') {
  assert(/^-?\d+$/.test(seed), `KLOAD_TEST_SEED must be a whole number or 'random', not '${seed}'`);
  fc.configureGlobal({ seed: Number(seed) });
}
