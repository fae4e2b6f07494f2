// Comments are at most 120 columns wide. Biome wraps code, but not comments.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const COLUMNS_MAX = 120;
const files = execFileSync('git', ['ls-files', 'src', 'workers', 'test', 'bench', '.ci'], { encoding: 'utf8' });

const wide = files
  .split('\n')
  .filter((file) => /\.(ts|tsx|js)$/.test(file))
  .flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line, index) => ({ line, at: `${file}:${index + 1}` })),
  )
  .filter(({ line }) => /^\s*(\/\*\*?|\*|\/\/)/.test(line) && [...line].length > COLUMNS_MAX);

for (const { at, line } of wide) process.stderr.write(`${at}: ${[...line].length} columns\n`);
if (wide.length > 0) process.exitCode = 1;
