import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folder } from '../support/kload.js';

const BIN = fileURLToPath(new URL('../../bin/kload.js', import.meta.url));
const ENTER = '\x1b[?1049h';
const LEAVE = '\x1b[?1049l';

const KLOAD = `'${process.execPath}' '${BIN}'`;

/** Runs `kload run` on a terminal. */
function onTerminal(args: string, env: NodeJS.ProcessEnv = {}) {
  return shellOnTerminal(`exec ${KLOAD} run ${args}`, env);
}

/** Runs a shell command on a terminal of 80x24, made by util-linux's `script`. */
function shellOnTerminal(line: string, env: NodeJS.ProcessEnv = {}) {
  const command = `stty cols 80 rows 24; echo pid $$; ${line}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, TERM: 'xterm-256color', ...env },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, output }));
  const shows = async (text: string) => {
    while (!output.includes(text)) {
      const end = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended]);
      if (end !== undefined) throw new Error(`kload ended before it showed '${text}'`);
    }
  };
  const kill = (signal: NodeJS.Signals) => process.kill(Number(/pid (\d+)/.exec(output)?.[1]), signal);
  return { press: (key: string) => child.stdin.write(key), kill, shows, ended };
}

describe.runIf(platform() === 'linux')('on a terminal', () => {
  it('shows the dashboard, leaves the screen clean, and prints the summary', async () => {
    const { code, output } = await onTerminal('--rps 500 --duration 2s').ended;
    expect(code).toBe(0);
    expect(output).toContain(ENTER);
    expect(output).toContain('from intended');
    const after = output.slice(output.lastIndexOf(LEAVE) + LEAVE.length);
    expect(after).not.toContain(ENTER);
    expect(after).toMatch(/sent +1,000 records, none failed/);
    expect(output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(output.lastIndexOf('\x1b[?25l'));
  });

  it('reports a collector that is gone once, and not on top of the dashboard', { tags: 'long' }, async () => {
    const env = { OTEL_METRIC_EXPORT_INTERVAL: '200' };
    const { code, output } = await onTerminal('--rps 500 --duration 2s --otlp-endpoint http://127.0.0.1:1', env).ended;
    expect(code).toBe(0);
    const parts = output.split('metrics could not be exported to http://127.0.0.1:1/v1/metrics: connect ECONNREFUSED');
    expect(parts).toHaveLength(2);
    expect(parts[0]).toContain(LEAVE);
    expect(parts[1]).toMatch(/\d+ of \d+ exports to \S+ FAILED: connect ECONNREFUSED/);
  });

  it('names the input, and whether captured calls are unwrapped', { tags: 'long' }, async () => {
    using dir = folder();
    const call = '{"StreamName":"s","Records":[{"Data":"aGk=","PartitionKey":"k"}]}\n';
    writeFileSync(dir.path('calls.ndjson'), call.repeat(1_000));
    writeFileSync(dir.path('orders.ndjson'), '{"order":1}\n'.repeat(1_000));
    const calls = onTerminal(`${dir.path('calls.ndjson')} --target null --rps 10`);
    await calls.shows('unwrapped calls.ndjson');
    calls.press('q');
    await calls.ended;
    const orders = onTerminal(`${dir.path('orders.ndjson')} --target null --rps 10`);
    await orders.shows('orders.ndjson');
    orders.press('q');
    expect((await orders.ended).output).not.toContain('unwrapped');
  });

  it('obeys its keys: q drains and stops, with exit code 130', { tags: 'long' }, async () => {
    const run = onTerminal('--rps 500 --duration 60s');
    await run.shows('from intended');
    run.press('p');
    await run.shows('paused');
    run.press('p');
    run.press('q');
    const { code, output } = await run.ended;
    expect(code).toBe(130);
    expect(output.slice(output.lastIndexOf(LEAVE))).toMatch(/ended +interrupted/);
  });

  it('prints a line per second with --no-dashboard', { tags: 'long' }, async () => {
    const { code, output } = await onTerminal('--rps 500 --duration 2s --no-dashboard').ended;
    expect(code).toBe(0);
    expect(output).not.toContain(ENTER);
    expect(output).toMatch(/1s {2}.*of 500 records\/s/);
  });

  it.each([
    ['a dumb terminal', { TERM: 'dumb' }],
    ['a locale that is not UTF-8', { LANG: 'de_DE.ISO-8859-1' }],
    ['LC_ALL=C, which overrides the rest', { LANG: 'de_DE.UTF-8', LC_CTYPE: 'de_DE.UTF-8', LC_ALL: 'C' }],
  ])('prints plain ASCII lines with %s', { tags: 'long' }, async (_, env) => {
    const { code, output } = await onTerminal('--rps 5000 --shards 2 --duration 2s', env).ended;
    expect(code).toBe(0);
    expect(output).toMatch(/1s {2}.*of 5,000 records\/s/);
    expect(output).toMatch(/^[\r\n\x20-\x7e]*$/);
  });

  it.each([{ LANG: 'C.UTF-8' }, { LC_CTYPE: 'en_US.utf8', LANG: 'C' }])(
    'shows the dashboard with %o',
    { tags: 'long' },
    async (env) => {
      const run = onTerminal('--rps 500 --duration 60s', env);
      await run.shows('from intended');
      run.press('q');
      expect((await run.ended).code).toBe(130);
    },
  );

  it('reads its keys from the terminal while standard input holds the records', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('orders.ndjson'), '{"order":1}\n'.repeat(10_000));
    const run = onTerminal(`- --target null --rps 10 < '${dir.path('orders.ndjson')}'`);
    await run.shows('standard input');
    run.press('p');
    await run.shows('paused');
    run.press('p');
    run.press('q');
    const { code, output } = await run.ended;
    expect(code).toBe(130);
    expect(output.slice(output.lastIndexOf(LEAVE))).toMatch(/ended +interrupted/);
  });

  it('sends records that are typed in, up to Ctrl-D', async () => {
    const run = onTerminal('- --format ndjson --target null');
    await run.shows('pid');
    run.press('{"order":1}\n{"order":2}\n\x04');
    const { code, output } = await run.ended;
    expect(output).not.toContain(ENTER);
    expect(output).toMatch(/sent +2 records, none failed/);
    expect(code).toBe(0);
  });

  it('drains and stops when the terminal goes away, but not under nohup', { tags: 'long' }, async () => {
    const run = onTerminal('--rps 100 --duration 60s --no-dashboard');
    await run.shows('records/s');
    run.kill('SIGHUP');
    expect((await run.ended).code).toBe(130);

    using dir = folder();
    const kept = shellOnTerminal(
      [
        `log='${dir.path('log')}'; touch $log`,
        `nohup ${KLOAD} run --rps 100 --duration 3s > $log 2>&1 & tail -f --pid $! $log | sed '/ 1s /q'`,
        'kill -HUP $!; wait $!; echo code $?',
      ].join('; '),
    );
    const { output } = await kept.ended;
    expect(output).toContain('code 0');
    expect(readFileSync(dir.path('log'), 'utf8')).toMatch(/sent +300 records, none failed/);
  });
});
