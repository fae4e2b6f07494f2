import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folder } from '../support/kload.js';

const BIN = fileURLToPath(new URL('../../bin/kload.js', import.meta.url));
const ENTER = '\x1b[?1049h';
const LEAVE = '\x1b[?1049l';

/** kload on a terminal of 80x24, which util-linux's `script` makes. */
function onTerminal(args: string) {
  const command = `stty cols 80 rows 24; exec '${process.execPath}' '${BIN}' run ${args}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
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
  return { press: (key: string) => child.stdin.write(key), shows, ended };
}

describe.runIf(platform() === 'linux')('on a terminal', () => {
  it('shows the dashboard, leaves the screen clean, and tells the summary', async () => {
    const { code, output } = await onTerminal('--rps 500 --duration 3s').ended;
    expect(code).toBe(0);
    expect(output).toContain(ENTER);
    expect(output).toContain('from intended');
    const after = output.slice(output.lastIndexOf(LEAVE) + LEAVE.length);
    expect(after).not.toContain(ENTER);
    expect(after).toMatch(/sent +1,500 records, none failed/);
    expect(output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(output.lastIndexOf('\x1b[?25l'));
  });

  it('names the input, and says whether the calls in it are unwrapped', async () => {
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

  it('obeys its keys: q drains and stops, and the exit code says so', async () => {
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

  it('keeps to a line a second with --no-dashboard', async () => {
    const { code, output } = await onTerminal('--rps 500 --duration 2s --no-dashboard').ended;
    expect(code).toBe(0);
    expect(output).not.toContain(ENTER);
    expect(output).toMatch(/1s {2}.*of 500 records\/s/);
  });
});
