import { execFileSync } from 'node:child_process';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { folder } from '../support/kload.js';
import { onPty } from '../support/pty.js';
import { ESC, Terminal } from './terminal.js';

/** What the dashboard does to a real terminal, by the built command. */

const BIN = fileURLToPath(new URL('../../bin/kload.js', import.meta.url));
const SABOTAGE = new URL('./sabotage.js', import.meta.url).href;
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';

interface Options {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** How a thread is made to fail; see sabotage.js. */
  readonly sabotage?: string;
  /** A file for standard input. */
  readonly input?: string;
}

function onTerminal(args: string, { columns = 80, rows = 24, env = {}, sabotage, input }: Options = {}) {
  const preload = sabotage === undefined ? '' : `--import ${SABOTAGE}`;
  const from = input === undefined ? '' : `< '${input}'`;
  const line = `exec '${process.execPath}' ${preload} '${BIN}' run ${args} ${from}`;
  const allEnv = { ...env, ...(sabotage !== undefined && { KLOAD_SABOTAGE: sabotage }) };
  const pty = onPty(['/bin/sh', '-c', line], columns, rows, allEnv);
  onTestFinished(() => pty[Symbol.asyncDispose]());
  const terminal = new Terminal(columns, rows);
  let output = '';
  let fed = 0;
  // The terminal of these tests knows what a dashboard writes, and no lines.
  pty.onOutput((text) => {
    output += text;
    const from = Math.max(fed, output.indexOf(ENTER));
    const left = output.indexOf(LEAVE);
    const to = left < 0 ? output.length : left + LEAVE.length;
    if (!output.includes(ENTER) || from >= to) return;
    terminal.write(output.slice(from, to));
    fed = to;
  });
  /** Whether the terminal is as it was found; returns what was printed after the dashboard. */
  const leftClean = async (): Promise<string> => {
    const { output, editsLines, echoes } = await pty.ended;
    expect({ editsLines, echoes, faults: terminal.faults }).toEqual({ editsLines: true, echoes: true, faults: [] });
    expect(output.split(ENTER)).toHaveLength(2);
    expect(output.split(LEAVE)).toHaveLength(2);
    const after = output.slice(output.indexOf(LEAVE) + LEAVE.length);
    // A stack trace may be coloured.
    expect(after).not.toMatch(new RegExp(`${ESC}\\[[^m]*[^m\\d;]`));
    return after;
  };
  const ended = pty.ended.then(({ output }) => Promise.reject(new Error(`the run has ended:\n${output}`)));
  ended.catch(() => {});
  const shows = (what: string | RegExp) => Promise.race([terminal.shows(what), ended]);
  const prints = async (text: string): Promise<void> => {
    while (!output.includes(text)) await Promise.race([pty.more(), ended]);
  };
  return { ...pty, terminal, shows, leftClean, prints };
}

/** A named pipe that holds a hundred records, and more until `end()`. */
function openPipe() {
  const dir = folder();
  const path = dir.path('records');
  execFileSync('mkfifo', [path]);
  const writer = createWriteStream(path);
  writer.write('{"order":1}\n'.repeat(100));
  return { path, end: () => void writer.end(), [Symbol.dispose]: () => dir[Symbol.dispose]() };
}

describe.runIf(platform() === 'linux')('the terminal', () => {
  it('is drawn on, and left clean at the end of the run', async () => {
    using pipe = openPipe();
    const run = onTerminal('- --format ndjson --target null --rps 100', { input: pipe.path });
    await run.shows(/● running +\d+s/);
    pipe.end();
    expect(await run.leftClean()).toMatch(/sent +100 records, none failed/);
    expect((await run.ended).code).toBe(0);
  });

  it('is drawn on where CI is set, by terminals without colours, and with NO_COLOR', { tags: 'long' }, async () => {
    const plain = onTerminal('--rps 500 --duration 60s', { env: { CI: 'true', NO_COLOR: '1' } });
    await plain.shows('● running');
    plain.press('q');
    await plain.leftClean();
    expect(plain.terminal.written).not.toMatch(new RegExp(`${ESC}\\[[\\d;]*[1-9]m`));
    const unknown = onTerminal('--rps 500 --duration 60s', { env: { CI: 'true', TERM: 'mine' } });
    await unknown.shows('● running');
    unknown.press('q');
    await unknown.leftClean();
    expect(unknown.terminal.written).toMatch(new RegExp(`${ESC}\\[3\\dm`));
  });

  it('is drawn on at each size that it gets', { tags: 'long' }, async () => {
    const run = onTerminal('--rps 500 --duration 60s');
    await run.shows('● running');
    for (const [columns, rows] of [
      [200, 50],
      [60, 15],
      [30, 5],
      [100, 30],
    ] as const) {
      const drawn = run.terminal.resizes(columns, rows);
      run.resize(columns, rows);
      await drawn;
      expect(run.terminal.screen[0]).toMatch(new RegExp(`^kload.{1,${columns - 5}}$`));
      expect(run.terminal.screen).toHaveLength(rows);
    }
    await run.shows('● running');
    run.press('q');
    await run.leftClean();
  });

  it('is left clean after SIGTERM', { tags: 'long' }, () => isCleanAfter('SIGTERM'));
  it.each(['SIGINT', 'SIGHUP'] as const)('is left clean after %s', { tags: 'long' }, isCleanAfter);

  async function isCleanAfter(signal: NodeJS.Signals): Promise<void> {
    const run = onTerminal('--rps 500 --duration 60s');
    await run.shows('● running');
    await run.kill(signal);
    expect(await run.leftClean()).toMatch(/ended +interrupted/);
    expect((await run.ended).code).toBe(130);
  }

  it('is left clean before an uncaught exception is printed', { tags: 'long' }, async () => {
    const run = onTerminal('--rps 500 --duration 60s', { sabotage: 'main throws' });
    await run.shows('● running');
    await run.kill('SIGUSR2');
    expect(await run.leftClean()).toContain('Error: sabotage');
    expect((await run.ended).code).toBe(1);
  });

  it('is left clean at process.exit()', { tags: 'long' }, async () => {
    const run = onTerminal('--rps 500 --duration 60s', { sabotage: 'main exits' });
    await run.shows('● running');
    await run.kill('SIGUSR2');
    expect(await run.leftClean()).toBe('');
    expect((await run.ended).code).toBe(3);
  });

  const title = 'is left clean when the dashboard %s, and the run goes on with lines';
  it.each([['throws', 'sabotage']])(title, goesOnWithLines);
  it.each([
    ['rejects', 'sabotage'],
    ['exits', 'its thread ended with code 3'],
    ['has no memory', 'Worker terminated due to reaching memory limit'],
  ])(title, { tags: 'long' }, goesOnWithLines);

  async function goesOnWithLines(way: string, why: string): Promise<void> {
    using pipe = openPipe();
    const sabotage = `the dashboard ${way}`;
    const run = onTerminal('- --format ndjson --target null --rps 100', { input: pipe.path, sabotage });
    await run.prints('of 100 records/s  sent');
    pipe.end();
    const after = await run.leftClean();
    expect(after).toContain(`kload: the dashboard failed, and the run goes on without it: ${why}`);
    expect(after).toMatch(/sent +100 records, none failed/);
    expect((await run.ended).code).toBe(0);
  }
});

describe.runIf(platform() === 'linux')('a thread that has grown', () => {
  it('is replaced, and the new one shows what the user chose', { tags: 'long', timeout: 240_000 }, async () => {
    using dir = folder();
    const log = dir.path('log');
    writeFileSync(log, '');
    const run = onTerminal('--rps 500 --duration 600s', {
      sabotage: 'the dashboard grows',
      env: { KLOAD_SABOTAGE_LOG: log },
    });
    await run.shows('● running');
    // A thread that is just being replaced may take a key with it.
    const pressUntil = async (key: string, done: Promise<unknown>) => {
      for (let isDone = false; !isDone; ) {
        run.press(key);
        isDone = await Promise.race([done.then(() => true), delay(3000, false)]);
      }
    };
    await pressUntil('?', run.shows('any key'));
    await vi.waitUntil(() => readFileSync(log, 'utf8').split('\n').length > 3, { timeout: 180_000 });
    expect(run.terminal.text).toContain('any key');
    // Keys that come while there is no thread wait in the terminal.
    await pressUntil('\x03', run.ended);
    expect(await run.leftClean()).toMatch(/ended +interrupted/);
    expect((await run.ended).code).toBe(130);
  });
});

describe.runIf(platform() === 'linux')('keys', () => {
  it('pause, stop, and stop at once', async () => {
    const run = onTerminal('--rps 500 --duration 60s');
    await run.shows('● running');
    run.press('p');
    await run.shows('■ paused');
    run.press('p+');
    await run.shows(/● running[\s\S]*550 records\/s/);
    run.press('\x03');
    expect(await run.leftClean()).toMatch(/ended +interrupted/);
    expect((await run.ended).code).toBe(130);
  });

  it('stop a run that drains at once', { tags: 'long' }, async () => {
    // The shard takes a fifth of the rate.
    const run = onTerminal('--rps 5000 --duration 60s --drain-timeout 60s');
    await run.shows('● running');
    run.press('qq');
    expect(await run.leftClean()).toMatch(/ended +interrupted/);
    expect((await run.ended).code).toBe(130);
  });

  it('come from the terminal while standard input holds the records', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('orders.ndjson'), '{"order":1}\n'.repeat(10_000));
    const run = onTerminal('- --target null --rps 10', { input: dir.path('orders.ndjson') });
    await run.shows('standard input');
    run.press('p');
    await run.shows('■ paused');
    run.press('q');
    expect(await run.leftClean()).toMatch(/ended +interrupted/);
    expect((await run.ended).code).toBe(130);
  });
});
