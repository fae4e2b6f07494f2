/** A record as the recorder takes it. @param bytes of data and key */
export function timed(intendedAtMs: number, bytes = 0): { intendedAtMs: number; bytes: number } {
  return { intendedAtMs, bytes };
}
