import { closeSync, openSync } from 'node:fs';

/** Opens a file for one call, and closes it afterwards. */
export function withFile<T>(path: string, flags: string, use: (fd: number) => T): T {
  const fd = openSync(path, flags);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
