/** Writes progress to standard error; results go to standard output. @param {string} text */
export function progress(text) {
  process.stderr.write(`  ${text}\n`);
}
