/** Writes progress to standard error; results go to standard output. */
export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

/** Measures round by round. Returns what each round found. */
export async function inRounds<T>(runs: number, what: string, measure: (run: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let run = 0; run < runs; run++) {
    progress(`${what}, round ${run + 1} of ${runs}`);
    results.push(await measure(run));
  }
  return results;
}
