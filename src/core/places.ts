import type { TargetKind } from './report.js';
import { formatCount } from './units.js';

/** '1 shard', '1,024 shards'; of a topic '8 partitions'. */
export function placesText(kind: TargetKind, count: number): string {
  const name = kind === 'kafka' ? 'partition' : 'shard';
  return `${formatCount(count)} ${name}${count === 1 ? '' : 's'}`;
}
