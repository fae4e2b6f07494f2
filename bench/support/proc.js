import { readFileSync } from 'node:fs';

/** @param {number} pid @param {'VmRSS' | 'VmHWM'} what; NaN where there is no /proc */
export function memoryMib(pid, what) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** User and system time of all threads of a process. @param {number} pid */
export function cpuMs(pid) {
  try {
    // Behind the command, which stands in parentheses: user and system time are the 12th and 13th, in hundredths.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return Number.NaN;
  }
}
