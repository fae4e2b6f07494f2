/** '000003-0000000000000001.log' */
export function logFileName(shardIndex: number, firstPosition: number): string {
  return `${String(shardIndex).padStart(6, '0')}-${String(firstPosition).padStart(16, '0')}.log`;
}

/** Undefined if it is not the name of a log file. */
export function parseLogFileName(name: string): { shardIndex: number; firstPosition: number } | undefined {
  const [, shardIndex, firstPosition] = /^(\d{6,})-(\d{16})\.log$/.exec(name) ?? [];
  return shardIndex === undefined
    ? undefined
    : { shardIndex: Number(shardIndex), firstPosition: Number(firstPosition) };
}
