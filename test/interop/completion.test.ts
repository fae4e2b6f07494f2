import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { folder, kload } from '../support/kload.js';
import { onPty } from '../support/pty.js';

/** Completion in the shells that not every machine has; bash is in test/e2e. */

test('fish completes commands, options, the values of choices, and names of files where a file is expected', async () => {
  using dir = folder();
  writeFileSync(dir.path('kload.fish'), (await kload(['completion', 'fish'])).stdout);
  writeFileSync(dir.path('orders.csv'), '');
  const completed = (line: string): string[] => {
    const code = `source kload.fish; complete -C ${JSON.stringify(line)}`;
    const printed = execFileSync('fish', ['--no-config', '-c', code], { cwd: dir.path('.'), encoding: 'utf8' });
    return printed.split('\n').flatMap((text) => (text === '' ? [] : [text.split('\t')[0]!]));
  };
  expect(completed('kload ')).toEqual(expect.arrayContaining(['run', 'tail', 'record', 'emulate', 'completion']));
  expect(completed('kload run --form')).toEqual(['--format']);
  expect(completed('kload run --format ')).toEqual(['auto', 'csv', 'json', 'kload', 'lines', 'ndjson']);
  expect(completed('kload run --format=nd')).toEqual(['--format=ndjson']);
  expect(completed('kload run ord')).toEqual(['orders.csv']);
  expect(completed('kload run --report ord')).toEqual(['orders.csv']);
  expect(completed('kload run --rps ord')).toEqual([]);
  expect(completed('kload tail ord')).toEqual([]);
  expect(completed('kload completion ')).toEqual(['bash', 'fish', 'zsh']);
});

test('zsh does the same', async () => {
  using dir = folder();
  writeFileSync(dir.path('kload.zsh'), (await kload(['completion', 'zsh'])).stdout);
  writeFileSync(dir.path('orders.csv'), '');
  const shell = onPty(['zsh', '-f', '-i'], 200, 30);
  let output = '';
  shell.onOutput((text) => {
    output += stripVTControlCharacters(text);
  });
  /** Types something, and waits for what appears. */
  const answers = async (typed: string, shown: string) => {
    output = '';
    shell.press(typed);
    while (!output.replaceAll(/[\b\s]/g, '').includes(shown)) await shell.more();
  };
  const setUp = `PS1='ready>'; cd '${dir.path('.')}'; autoload -U compinit; compinit -u -D; source kload.zsh`;
  await answers(`${setUp}; echo set''up\n`, 'setup');
  await answers('kload ru\t', 'run');
  await answers('--form\t', 'format=');
  await answers('nd\t', 'ndjson');
  await answers(' --report=ord\t', 'orders.csv');
  await answers(' ord\t', 'orders.csv');
  await answers('\u0015kload completion z\t', 'zsh');
  await shell.kill('SIGKILL');
  await shell.ended;
});
