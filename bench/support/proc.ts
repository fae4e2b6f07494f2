import { readFileSync } from 'node:fs';

/** Memory of a process, now (`VmRSS`) or at its peak (`VmHWM`); NaN if there is no /proc. */
export function memoryMib(pid: number, what: 'VmRSS' | 'VmHWM') {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** User and system time of all threads of a process; NaN if there is no /proc. */
export function cpuMs(pid: number) {
  try {
    // User and system time are fields 12 and 13 after the command in parentheses, in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return Number.NaN;
  }
}
