import { readFileSync } from 'node:fs';

let found: string | undefined;

/** Returns kload's version, from the nearest package.json above this file. Its distance differs once compiled. */
export function version(): string {
  found ??= find(new URL('.', import.meta.url)) ?? 'unknown';
  return found;
}

function find(folder: URL): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
    if (name === 'kload') return version;
  } catch {
    // Not in this folder.
  }
  const above = new URL('..', folder);
  return above.href === folder.href ? undefined : find(above);
}
