import { stringify } from 'yaml';
import type { KubernetesValues } from '../config/job-options.js';
import {
  ATTEMPTS,
  type CarriedFile,
  canResume,
  FINAL_EXIT_CODES,
  hasStart,
  type JobRun,
  mountOf,
  placeFiles,
  reportArguments,
} from './job.js';

const FILES_FOLDER = '/etc/kload';
const BARRIER_PORT = 4600;
/** The user of the image: not root. */
const USER = 65532;

/** The manifests of an Indexed Job, and of what it needs. */
export function kubernetesJob(run: JobRun, values: KubernetesValues): string {
  const { name } = run;
  const volume = mountOf(values.volume);
  const secrets = mountOf(values.secretVolume);
  const hint = 'put it on a volume: --volume CLAIM:/data, and name it below /data';
  const { args, carried } = placeFiles(run, [volume, secrets], FILES_FOLDER, hint);
  const usesBarrier = !hasStart(run) && run.parts > 1;
  // In an Indexed Job, the pod with index 0 has this name below its Service.
  const barrier = usesBarrier ? ['--barrier', `tcp://${name}-0.${name}:${BARRIER_PORT}`] : [];
  const mounts = [
    ...(carried.length > 0 ? [{ name: 'files', mountPath: FILES_FOLDER, readOnly: true }] : []),
    ...(volume ? [{ name: 'data', mountPath: volume.path }] : []),
    ...(secrets ? [{ name: 'secrets', mountPath: secrets.path, readOnly: true }] : []),
  ];
  const volumes = [
    ...(carried.length > 0 ? [{ name: 'files', configMap: { name } }] : []),
    ...(volume ? [{ name: 'data', persistentVolumeClaim: { claimName: volume.source } }] : []),
    ...(secrets ? [{ name: 'secrets', secret: { secretName: secrets.source } }] : []),
  ];
  const container = {
    name: 'kload',
    image: values.image,
    args: ['run', ...args, '--part', 'auto', ...barrier, ...reportArguments(run, volume?.path)],
    env: [{ name: 'KLOAD_PARTS', value: String(run.parts) }],
    ...(values.secret && { envFrom: [{ secretRef: { name: values.secret } }] }),
    resources: {
      requests: { cpu: String(run.cpus), memory: `${run.memory}Mi` },
      limits: { memory: `${run.memory}Mi` },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(mounts.length > 0 && { volumeMounts: mounts }),
  };
  const pod = {
    restartPolicy: 'Never',
    ...(usesBarrier && { subdomain: name }),
    ...(values.serviceAccount && { serviceAccountName: values.serviceAccount }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container],
    ...(volumes.length > 0 && { volumes }),
  };
  const documents = [
    ...(carried.length > 0 ? [configMap(name, carried)] : []),
    ...(usesBarrier ? [service(name)] : []),
    job(run, pod),
  ];
  return documents.map((document) => `---\n${stringify(document, { lineWidth: 0 })}`).join('');
}

function job(run: JobRun, pod: object): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: run.name, labels: labelsOf(run.name) },
    spec: {
      completionMode: 'Indexed',
      completions: run.parts,
      parallelism: run.parts,
      // A part that cannot resume would send its records again.
      backoffLimitPerIndex: canResume(run) ? ATTEMPTS : 0,
      podFailurePolicy: {
        rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: FINAL_EXIT_CODES } }],
      },
      template: { metadata: { labels: labelsOf(run.name) }, spec: pod },
    },
  };
}

/** Gives the pods names, at which the barrier is found, before they are ready. */
function service(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: labelsOf(name) },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: labelsOf(name),
      ports: [{ name: 'barrier', port: BARRIER_PORT }],
    },
  };
}

function configMap(name: string, files: readonly CarriedFile[]): object {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  for (const { name: file, bytes } of files) {
    const text = bytes.toString('utf8');
    if (Buffer.from(text).equals(bytes)) data[file] = text;
    else binaryData[file] = bytes.toString('base64');
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: labelsOf(name) },
    immutable: true,
    ...(Object.keys(data).length > 0 && { data }),
    ...(Object.keys(binaryData).length > 0 && { binaryData }),
  };
}

function labelsOf(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': 'kload', 'app.kubernetes.io/instance': name };
}
