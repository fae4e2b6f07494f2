import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests that need a process of their own: they mock modules, or set what a package reads once. */
const ALONE = 'test/**/*.alone.test.ts';

/** `npm test` has less time: its mode, `quick`, runs costly properties less often. It also leaves out the tag `long`. */
export default defineConfig(({ mode }) => {
  const quick = mode === 'quick';
  return {
    test: {
      globalSetup: ['test/support/temporary-files.ts'],
      setupFiles: ['test/support/seed.ts'],
      // More than the cores: the end-to-end tests mostly wait.
      maxWorkers: 2 * availableParallelism(),
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 30_000 } },
      tags: [
        { name: 'long', description: 'not in npm test: kills, long waits, large inputs, starts of many processes' },
      ],
      env: {
        // Nothing may look for credentials outside this machine.
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        KLOAD_TEST_RUNS: process.env.KLOAD_TEST_RUNS ?? (quick ? '0.1' : '1'),
      },
      projects: [
        {
          extends: true,
          mode,
          test: {
            name: 'shared',
            include: ['test/**/*.test.ts'],
            exclude: ['test/interop/**', ALONE],
            // Test files share a process, so that each module is loaded once.
            isolate: false,
          },
        },
        { extends: true, mode, test: { name: 'alone', include: [ALONE] } },
      ],
    },
  };
});
