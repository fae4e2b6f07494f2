import { build } from 'rolldown';

/**
 * Bundles each entry of a process or a thread into a file or two. Node takes half a millisecond to load a module, and
 * the emulator alone has a hundred and fifty. The modules themselves stay in dist/src, for types, tests and benches.
 */

const DIR = 'dist/bundle';

/** Packages are installed rather than copied. */
const PACKAGES = /^[^./#]/;

/** @param {Partial<import('rolldown').BuildOptions>} options */
const bundle = ({ output, ...options }) =>
  build({ platform: 'node', external: PACKAGES, ...options, output: { dir: DIR, ...output } });

await bundle({
  input: {
    dashboard: 'dist/workers/dashboard.js',
    sender: 'dist/workers/sender.js',
    emulator: 'dist/src/emulator/index.js',
    'emulator-thread': 'dist/src/emulator/thread.js',
  },
  output: { format: 'esm', cleanDir: true, chunkFileNames: 'part-[hash].js' },
});

/** Bundled alone, so that the worker threads load no more files than they need. */
await bundle({
  input: { kload: 'dist/src/index.js' },
  output: { format: 'esm', chunkFileNames: 'kload-[hash].js' },
});

/**
 * The command line is CommonJS, which starts faster. An ES module that imports one of Node's own modules reads
 * everything that this exports, and so loads what it would load on demand: for `node:http`, a browser's worth of
 * networking.
 */
await bundle({
  input: { cli: 'dist/src/cli/main.js' },
  output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'part-[hash].cjs' },
});
