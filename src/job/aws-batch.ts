import type { AwsBatchValues } from '../config/job-options.js';
import { KloadError } from '../core/errors.js';
import { ATTEMPTS, canResume, FINAL_EXIT_CODES, type JobRun, mountOf, placeFiles, reportArguments } from './job.js';

/** The least that an array of AWS Batch has. */
const PARTS_MIN = 2;

/** The input of RegisterJobDefinition and of SubmitJob, as the AWS CLI takes them. */
export function awsBatchJob(run: JobRun, values: AwsBatchValues): string {
  const { name, parts, cpus, memory } = run;
  if (parts < PARTS_MIN) {
    throw new KloadError('usage', '--parts 1: an array of AWS Batch has at least 2 jobs', 'use more parts');
  }
  const volume = mountOf(values.volume);
  const hint = 'put it on a file system: --volume fs-0123456789abcdef0:/data, and name it below /data';
  const { args } = placeFiles(run, [volume], undefined, hint);
  const finals = FINAL_EXIT_CODES.map((code) => ({ onExitCode: String(code), action: 'EXIT' }));
  const registerJobDefinition = {
    jobDefinitionName: name,
    type: 'container',
    retryStrategy: canResume(run)
      ? { attempts: ATTEMPTS, evaluateOnExit: [...finals, { onReason: '*', action: 'RETRY' }] }
      : { attempts: 1 },
    containerProperties: {
      image: values.image,
      command: ['run', ...args, '--part', 'auto', ...reportArguments(run, volume?.path)],
      ...(values.jobRole && { jobRoleArn: values.jobRole }),
      resourceRequirements: [
        { type: 'VCPU', value: String(cpus) },
        { type: 'MEMORY', value: String(memory) },
      ],
      readonlyRootFilesystem: true,
      ...(volume && {
        volumes: [
          {
            name: 'data',
            efsVolumeConfiguration: { fileSystemId: volume.source, transitEncryption: 'ENABLED' },
          },
        ],
        mountPoints: [{ sourceVolume: 'data', containerPath: volume.path }],
      }),
    },
  };
  const submitJob = {
    jobName: name,
    jobQueue: values.queue,
    jobDefinition: name,
    arrayProperties: { size: parts },
  };
  return `${JSON.stringify({ registerJobDefinition, submitJob }, null, 2)}\n`;
}
