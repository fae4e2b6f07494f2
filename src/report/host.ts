import { availableParallelism } from 'node:os';
import type { HostReport } from '../core/report.js';
import { version } from '../system/version.js';

export function hostReport(): HostReport {
  return {
    kload: version(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processors: availableParallelism(),
  };
}
