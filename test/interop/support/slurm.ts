import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { freePort } from './prometheus.js';

const ROOT = fileURLToPath(new URL('../../../.interop/slurm/usr', import.meta.url));
const PLUGINS = join(ROOT, 'lib/x86_64-linux-gnu/slurm-wlm');
const KLOAD = fileURLToPath(new URL('../../../bin/kload.js', import.meta.url));
const WAIT = { timeout: 60_000, interval: 300 };

/** Slurm on this machine, with a node that says it has 32 processors. */
export interface Slurm extends AsyncDisposable {
  /** Where jobs are submitted, and write their files. */
  readonly folder: string;
  /** Submits a script, and returns the job's ID. */
  submit(script: string, env?: NodeJS.ProcessEnv): Promise<string>;
  run(program: string, ...args: string[]): Promise<string>;
  /** Waits until nothing of the job is left to do. */
  ended(job: string): Promise<void>;
}

/** @param folder an empty one, for everything that Slurm writes */
export async function startSlurm(folder: string): Promise<Slurm> {
  for (const name of ['state', 'spool', 'work', 'bin']) mkdirSync(join(folder, name), { recursive: true });
  const config = join(folder, 'slurm.conf');
  writeFileSync(config, configOf(folder, await freePort(), await freePort()));
  writeFileSync(join(folder, 'bin', 'kload'), `#!/bin/sh\nexec '${process.execPath}' '${KLOAD}' "$@"\n`);
  chmodSync(join(folder, 'bin', 'kload'), 0o755);
  const env: NodeJS.ProcessEnv = {
    PATH: `${join(folder, 'bin')}:${join(ROOT, 'bin')}:${process.env.PATH}`,
    LD_LIBRARY_PATH: `${join(ROOT, 'lib/x86_64-linux-gnu')}:${PLUGINS}`,
    SLURM_CONF: config,
    HOME: folder,
  };
  const work = join(folder, 'work');
  const run = async (program: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    (await promisify(execFile)(program, args, { env: { ...env, ...more }, cwd: work })).stdout.trim();
  const daemons = [
    startDaemon(folder, env, 'slurmctld-wlm', '-D', '-f', config),
    startDaemon(folder, env, 'slurmd-wlm', '-D', '-f', config, '-d', join(ROOT, 'sbin/slurmstepd-wlm')),
  ];
  const stop = async () => {
    for (const daemon of daemons.toReversed()) {
      const closed = once(daemon, 'close');
      if (daemon.exitCode === null && daemon.kill('SIGTERM')) await closed;
    }
  };
  try {
    await vi.waitUntil(async () => (await run('sinfo', ['-h', '-o', '%t']).catch(() => '')) === 'idle', WAIT);
  } catch (error) {
    await stop();
    const logs = ['slurmctld-wlm.log', 'slurmd-wlm.log'].map((name) =>
      readFileSync(join(folder, name), 'utf8').slice(-2000),
    );
    throw new Error(`Slurm did not start: ${error}\n${logs.join('\n')}`);
  }
  return {
    folder: work,
    run: (program, ...args) => run(program, args),
    submit: async (script, more) => {
      writeFileSync(join(work, 'job.sh'), script);
      return run('sbatch', ['--parsable', 'job.sh'], more);
    },
    ended: async (job) => {
      await vi.waitUntil(async () => (await run('squeue', ['-h', '-j', job]).catch(() => '')) === '', {
        ...WAIT,
        timeout: 150_000,
      });
    },
    [Symbol.asyncDispose]: async () => {
      await run('scancel', ['--full', '--user', 'root']).catch(() => {});
      await vi.waitUntil(async () => (await run('squeue', ['-h']).catch(() => '')) === '', WAIT).catch(() => {});
      await stop();
    },
  };
}

function startDaemon(folder: string, env: NodeJS.ProcessEnv, name: string, ...args: string[]): ChildProcess {
  return spawn(
    '/bin/sh',
    ['-c', `exec "$0" "$@" >'${join(folder, name)}.log' 2>&1`, join(ROOT, 'sbin', name), ...args],
    {
      env,
      stdio: 'ignore',
    },
  );
}

/** Without munge: everything is of one user, on one machine. */
function configOf(folder: string, controllerPort: number, nodePort: number): string {
  const host = hostname().split('.')[0];
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
PluginDir=${PLUGINS}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
KillWait=5
MinJobAge=300
NodeName=${host} NodeAddr=127.0.0.1 CPUs=32 RealMemory=65536 State=UNKNOWN
PartitionName=test Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`;
}
