import { flagsOnly } from '../options/option.js';
import type { OptionValues } from '../options/parse.js';
import { matching, text, whole } from '../options/values.js';

const NAME = /^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/;
const VOLUME = /^[^:\s]+:\/[^:\s]*[^:\s/]$/;

const COMMON = {
  parts: {
    flags: '--parts <n>',
    help: 'how many parts the run is split into; each is a process of its own',
    schema: whole(1, 10_000),
  },
  name: {
    flags: '--name <name>',
    help: 'the name of the job, and of what belongs to it',
    default: 'kload',
    schema: matching(NAME, 'lower-case letters, digits and hyphens, at most 52, beginning with a letter'),
  },
  cpus: {
    flags: '--cpus <n>',
    help: 'processors for each part',
    default: 2,
    schema: whole(1, 256),
  },
  memory: {
    flags: '--memory <MiB>',
    help: 'memory for each part, in MiB',
    default: 1024,
    schema: whole(64, 2 ** 20),
  },
};

const IMAGE = {
  flags: '--image <image>',
  help: 'the container image with kload, as the Dockerfile in docs/jobs.md builds it',
  default: 'kload:latest',
  schema: text,
};

/** The options of `kload job kubernetes`. */
export const KUBERNETES_OPTIONS = flagsOnly('Job', {
  ...COMMON,
  image: IMAGE,
  volume: {
    flags: '--volume <claim:path>',
    help: 'mount a PersistentVolumeClaim, for large inputs, checkpoints and reports, such as loads:/data',
    schema: matching(VOLUME, 'the name of a claim and where it is mounted, such as loads:/data'),
  },
  secret: {
    flags: '--secret <name>',
    help: 'an existing Secret whose keys become variables, such as AWS_ACCESS_KEY_ID',
    schema: text,
  },
  secretVolume: {
    flags: '--secret-volume <name:path>',
    help: 'an existing Secret whose keys become files, for passwords and TLS keys, such as kafka:/secrets',
    schema: matching(VOLUME, 'the name of a Secret and where it is mounted, such as kafka:/secrets'),
  },
  serviceAccount: {
    flags: '--service-account <name>',
    help: 'the service account of the pods, which gives them their role in AWS',
    schema: text,
  },
});

/** The options of `kload job slurm`. */
export const SLURM_OPTIONS = flagsOnly('Job', COMMON);

/** The options of `kload job aws-batch`. */
export const AWS_BATCH_OPTIONS = flagsOnly('Job', {
  ...COMMON,
  image: IMAGE,
  queue: {
    flags: '--queue <queue>',
    help: 'the job queue',
    default: 'kload',
    schema: text,
  },
  jobRole: {
    flags: '--job-role <arn>',
    help: 'the role of the containers, which may write to the stream',
    schema: text,
  },
  volume: {
    flags: '--volume <id:path>',
    help: 'mount an EFS file system, for inputs, checkpoints and reports, such as fs-0123456789abcdef0:/data',
    schema: matching(VOLUME, 'the ID of a file system and where it is mounted, such as fs-0123456789abcdef0:/data'),
  },
});

export type KubernetesValues = OptionValues<typeof KUBERNETES_OPTIONS>;
export type AwsBatchValues = OptionValues<typeof AWS_BATCH_OPTIONS>;
