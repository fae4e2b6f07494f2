import { fileURLToPath } from 'node:url';

/** The folder of kload's package.json. The compiled benches run in another folder than their sources. */
const PACKAGE = import.meta.resolve('kload/package.json');

/** The path of a file or folder of the repository. */
export function repositoryFile(path: string): string {
  return fileURLToPath(new URL(path, PACKAGE));
}

/** The path of a compiled program, which a bench starts in a process of its own, or loads into one. */
export function programFile(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url));
}
