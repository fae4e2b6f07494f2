import { KinesisTarget } from '../kinesis/target.js';
import { NullTarget } from '../send/null-target.js';
import type { Target } from '../send/target.js';
import type { TargetConfig } from './messages.js';

/** What a worker sends through. */
export function createTarget(config: TargetConfig): Target {
  switch (config.kind) {
    case 'null':
      return new NullTarget();
    case 'kinesis':
      return new KinesisTarget(config.connection, config.wire);
  }
}
