import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**'],
    setupFiles: ['test/support/seed.ts'],
    // The end-to-end tests start processes that run for seconds.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Nothing may look for credentials outside this machine.
    env: { AWS_EC2_METADATA_DISABLED: 'true', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
