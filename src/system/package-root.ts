import { existsSync, readFileSync } from 'node:fs';

let found: URL | undefined;

/** kload's own folder: that of the nearest package.json above this file. Its distance differs once compiled. */
export function packageRoot(): URL | undefined {
  found ??= find(new URL('.', import.meta.url));
  return found;
}

/** A file that kload's package contains, as JSON. */
export function packageJson(name: string): unknown {
  const root = packageRoot();
  return root && JSON.parse(readFileSync(new URL(name, root), 'utf8'));
}

function find(folder: URL): URL | undefined {
  try {
    const file = new URL('package.json', folder);
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'kload') return folder;
  } catch {
    // Not in this folder.
  }
  const above = new URL('..', folder);
  return above.href === folder.href ? undefined : find(above);
}
