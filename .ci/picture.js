// Draws docs/dashboard.svg: a run on a terminal of 100x30, and its screen after half a minute.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import terminals from '@xterm/headless';
import { screenAsSvg } from './screen-svg.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PICTURE = `${ROOT}docs/dashboard.svg`;
const COLUMNS = 100;
const ROWS = 30;
const SHOWN_AFTER_MS = 30_000;
/** The screen is complete when nothing has been written to it for this long. */
const QUIET_MS = 100;
/** Four shards take 4,000 records a second. The keys are uneven enough for the hottest shard to throttle. */
const COMMAND = 'kload run --rps 3600 --shards 4 --keys 300 --duration 45s';
const NAME = 'The dashboard of kload: progress, rate, latency and shards of a run';

const terminal = new terminals.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
const words = COMMAND.replace('kload', `'${process.execPath}' '${ROOT}bin/kload.js'`);
// util-linux's `script` makes the pseudo-terminal.
const child = spawn('script', ['-qefc', `stty cols ${COLUMNS} rows ${ROWS}; exec ${words}`, '/dev/null'], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: { PATH: process.env.PATH, TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' },
});

let isDrawn = false;
/** @type {NodeJS.Timeout | undefined} */
let quiet;
const started = Date.now();
child.stdout.on('data', (bytes) => {
  if (isDrawn) return;
  terminal.write(bytes);
  clearTimeout(quiet);
  if (Date.now() - started > SHOWN_AFTER_MS) quiet = setTimeout(draw, QUIET_MS);
});
// Replies of the terminal, for example where its cursor is.
terminal.onData((text) => child.stdin.write(text));

function draw() {
  terminal.write('', () => {
    if (terminal.buffer.active.type !== 'alternate') throw new Error('kload shows no dashboard');
    isDrawn = true;
    const svg = screenAsSvg(terminal, { title: COMMAND, name: NAME });
    writeFileSync(PICTURE, svg);
    console.log(`docs/dashboard.svg: ${svg.length} bytes`);
    child.stdin.write('q');
  });
}

child.on('close', (code) => {
  if (isDrawn) return;
  console.error(`kload ended with exit code ${code} before its dashboard could be drawn`);
  process.exitCode = 1;
});
