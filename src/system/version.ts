import { packageJson } from './package-root.js';

let found: string | undefined;

/** kload's version. */
export function version(): string {
  found ??= (packageJson('package.json') as { readonly version: string } | undefined)?.version ?? 'unknown';
  return found;
}
