import { randomInt } from 'node:crypto';
import { platform } from 'node:os';

/**
 * A loopback address for a server that goes away during a test. On 127.0.0.1, another test's server could get the
 * same port while the first is down. Elsewhere than on Linux, the system accepts 127.0.0.1 only.
 */
export function ownAddress(): string {
  if (platform() !== 'linux') return '127.0.0.1';
  return `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(1, 255)}`;
}
