import { build } from 'rolldown';

/**
 * What starts a process or a thread, each with what it loads in a file or two: Node takes half a millisecond for a module,
 * and the emulator alone has a hundred and fifty. The modules themselves stay beside it, for types, tests and benches.
 */

const DIR = 'dist/bundle';

/** Packages are installed, not copied. */
const PACKAGES = /^[^./#]/;

/** @param {Partial<import('rolldown').BuildOptions>} options */
const bundle = ({ output, ...options }) =>
  build({ platform: 'node', external: PACKAGES, ...options, output: { dir: DIR, sourcemap: true, ...output } });

await bundle({
  input: {
    dashboard: 'dist/src/ui/dashboard.js',
    sender: 'dist/workers/sender.js',
    emulator: 'dist/src/emulator/index.js',
    'emulator-thread': 'dist/src/emulator/thread.js',
  },
  output: { format: 'esm', cleanDir: true, chunkFileNames: 'part-[hash].js' },
});

/**
 * The command line is CommonJS: an ES module that imports one of Node's own reads all that this exports, and so loads what
 * these load on demand; `node:http` alone a whole browser's worth of networking. Ink waits while it loads, which only ES
 * modules can, so that the dashboard stays one.
 */
await bundle({
  input: { cli: 'dist/src/cli/main.js' },
  plugins: [
    {
      name: 'the-dashboard-is-an-es-module',
      resolveId: (id) => (id.endsWith('/ui/dashboard.js') ? { id: './dashboard.js', external: true } : undefined),
    },
  ],
  output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'part-[hash].cjs' },
});
