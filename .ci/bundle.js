import { build } from 'rolldown';

/**
 * What starts a process or a thread, each with what it loads in a file or two: Node takes half a millisecond for a module,
 * and the emulator alone has a hundred and fifty. The modules themselves stay beside it, for types, tests and benches.
 */
await build({
  input: {
    cli: 'dist/src/cli/main.js',
    sender: 'dist/workers/sender.js',
    emulator: 'dist/src/emulator/index.js',
    'emulator-thread': 'dist/src/emulator/thread.js',
  },
  platform: 'node',
  // Packages are installed, not copied.
  external: /^[^./#]/,
  output: { dir: 'dist/bundle', format: 'esm', sourcemap: true, cleanDir: true, chunkFileNames: 'part-[hash].js' },
});
