import { KinesisTarget } from '../../kinesis/target.js';
import { NullTarget } from '../../send/null-target.js';
import type { Target } from '../../send/target.js';
import type { TargetConfig } from '../between/messages.js';

/** What a worker sends through. */
export async function createTarget(config: TargetConfig): Promise<Target> {
  switch (config.kind) {
    case 'null':
      return new NullTarget();
    case 'kinesis':
      return new KinesisTarget(config.connection, config.wire);
    case 'kafka': {
      // Its client is loaded by those who need it.
      const { KafkaTarget } = await import('../../kafka/target.js');
      return new KafkaTarget(config.connection, config.produce);
    }
  }
}
