import assert from 'node:assert';

const share = Number(process.env.KLOAD_TEST_RUNS ?? 1);
assert(share > 0, `KLOAD_TEST_RUNS must be a positive number, not '${process.env.KLOAD_TEST_RUNS}'`);

/** How often to run a property that runs `full` times in `npm run test:all`: `npm test` has less time. */
export const runs = (full: number): number => Math.ceil(full * share);
