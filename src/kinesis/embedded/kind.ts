import { KINESIS_LIMITS } from '../../core/limits.js';
import type { TargetReport } from '../../core/report.js';
import { section } from '../../options/option.js';
import type { OptionValues } from '../../options/parse.js';
import { oneOf, whole } from '../../options/values.js';
import { type PeakLoad, shardsText, type TargetKind } from '../../target/kind.js';
import { kinesis, wireOf } from '../kind.js';
import type { Wire } from '../open-target.js';
import type { EmbeddedPlan } from './open-target.js';

/** The limit on shards, because each costs memory. */
const SHARDS_MAX = 10_000;
const REGION = 'us-east-1';
/** At the target rate the shards of the embedded stream are half full, which leaves room for uneven keys. */
const SHARD_HEADROOM = 2;
/** Without a rate the embedded stream has no limits by default, so the number of its shards hardly matters. */
const SHARDS_WITHOUT_RATE = 4;

const OPTIONS = section('Target', {
  shards: {
    flags: '--shards <n>',
    help: 'number of shards of the embedded stream',
    defaultText: 'enough for the rate with records of up to 1 kB and uneven keys',
    schema: whole(1, SHARDS_MAX),
  },
  limits: {
    flags: '--limits <on|off>',
    help: "enforce the service's limits on each shard of the embedded stream (1,000 records and 1 MiB per second)",
    defaultText: 'on with a target rate, otherwise off',
    schema: oneOf('on', 'off'),
  },
});

type EmbeddedValues = OptionValues<typeof OPTIONS> & {
  readonly region: string | undefined;
  readonly wire: Wire | undefined;
};

/** A stream of kload's own emulator, which runs in a thread of this process for as long as the run. */
export const embedded = {
  ...kinesis,
  name: 'embedded',
  about: 'an emulator in this process',
  options: OPTIONS,
  selectedBy: [],
  selectHint: 'leave it out, or name no stream, topic or other target',
  sharedOptions: () => ['region', 'wire'],
  unusedOptions: () => [
    {
      names: ['checkpoint', 'checkpointInterval', 'resume'],
      why: 'needs a stream that outlives the run; the embedded one does not',
      hint: 'name a stream with --stream, such as one of `kload emulate`',
    },
  ],
  exclusive: [],
  inProcess: true,
  plan({ shards, limits, region = REGION, wire }: EmbeddedValues, { env, load }): EmbeddedPlan {
    return {
      kind: 'embedded',
      shards: shards ?? shardsFor(load),
      limits: limits === undefined ? load !== undefined : limits === 'on',
      region,
      wire: wireOf(wire, env),
    };
  },
  settings: ({ kind, shards, limits, region, wire }: EmbeddedPlan) => ({ kind, shards, limits, region, wire }),
  async open(plan: EmbeddedPlan, wait) {
    const { openEmbedded } = await import('./open-target.js');
    return openEmbedded(plan, wait);
  },
  describe: ({ shards, limits }: TargetReport) => [
    `embedded emulator, ${shardsText(kinesis.words, shards)}${limits ? '' : ', its limits per shard are off'}`,
  ],
  location: () => 'embedded',
} as const satisfies TargetKind;

function shardsFor(load: PeakLoad | undefined): number {
  if (load === undefined) return SHARDS_WITHOUT_RATE;
  const byRecords = load.records / KINESIS_LIMITS.shardRecordsPerSecond;
  const byBytes = load.bytes / KINESIS_LIMITS.shardBytesPerSecond;
  const shards = Math.ceil(Math.max(byRecords, byBytes) * SHARD_HEADROOM);
  return Math.min(SHARDS_MAX, Math.max(1, shards));
}
