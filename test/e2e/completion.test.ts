import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { EMULATE_OPTIONS } from '../../src/config/emulate-options.js';
import { RUN_OPTIONS } from '../../src/config/run-options.js';
import { RECORD_OPTIONS, TAIL_OPTIONS } from '../../src/config/tail-options.js';
import { flagOf, type OptionSpec, type OptionTable } from '../../src/options/option.js';
import { folder, kload } from '../support/kload.js';
import { onPty } from '../support/pty.js';
import { runs } from '../support/runs.js';

const COMMANDS: Readonly<Record<string, OptionTable>> = {
  run: RUN_OPTIONS,
  tail: TAIL_OPTIONS,
  record: RECORD_OPTIONS,
  emulate: EMULATE_OPTIONS,
};

let script = '';

beforeAll(async () => {
  script = (await kload(['completion', 'bash'])).stdout;
});

/** What bash replies to Tab at the end of each of these lines, split as bash splits them. */
function repliesTo(lines: readonly (readonly string[])[]): string[][] {
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const calls = lines.map((words) => {
    return `COMP_WORDS=(${words.map(quoted).join(' ')}); COMP_CWORD=${words.length - 1}; _kload; echo "\${COMPREPLY[*]}"`;
  });
  const input = `${script}\n${calls.join('\n')}\n`;
  const printed = execFileSync('bash', ['--noprofile', '--norc'], { input, encoding: 'utf8' });
  return printed
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

describe('bash', () => {
  it('completes every option of every command from any beginning, and the values of choices', () => {
    const cases = Object.entries(COMMANDS).flatMap(([command, table]) =>
      Object.values<OptionSpec>(table).map((spec) => ({ command, table, spec })),
    );
    fc.assert(
      fc.property(
        fc.array(fc.record({ of: fc.constantFrom(...cases), cut: fc.nat(30) }), { minLength: 20 }),
        (asked) => {
          const lines = asked.flatMap(({ of: { command, spec }, cut }) => [
            ['kload', command, flagOf(spec).slice(0, 2 + cut)],
            ['kload', command, flagOf(spec), ''],
            ['kload', command, flagOf(spec), '='],
            ['kload', command, flagOf(spec), '=', spec.schema?.choices?.[0]?.slice(0, 1) ?? ''],
          ]);
          const replies = repliesTo(lines);
          for (const [i, { of, cut }] of asked.entries()) {
            const flag = flagOf(of.spec);
            const flags = [...Object.values<OptionSpec>(of.table).map(flagOf), '--help'];
            expect(replies[4 * i]).toEqual(flags.filter((one) => one.startsWith(flag.slice(0, 2 + cut))));
            const choices = of.spec.schema?.choices ?? [];
            expect(replies[4 * i + 1]).toEqual(choices);
            expect(replies[4 * i + 2]).toEqual(choices);
            expect(replies[4 * i + 3]).toEqual(choices.filter((one) => one.startsWith(choices[0]!.slice(0, 1))));
          }
        },
      ),
      { numRuns: runs(20) },
    );
  });

  it('completes commands and shells, and knows nothing about others', () => {
    expect(
      repliesTo([
        ['kload', ''],
        ['kload', 'e'],
        ['kload', 'completion', ''],
        ['kload', 'fly', '--'],
      ]),
    ).toEqual([
      expect.arrayContaining(['run', 'tail', 'record', 'emulate', 'completion', '--help', '--version']),
      ['emulate'],
      ['bash', 'zsh', 'fish'],
      [],
    ]);
  });

  it('completes on a terminal, names of files with blanks as well', async () => {
    using dir = folder();
    mkdirSync(dir.path('bin'));
    symlinkSync(new URL('../../bin/kload.js', import.meta.url).pathname, dir.path('bin/kload'));
    writeFileSync(dir.path('my orders.csv'), '');
    writeFileSync(dir.path('kload.bash'), script);
    writeFileSync(dir.path('rc'), `PS1='ready> '; cd '${dir.path('.')}'; source kload.bash\n`);
    const shell = onPty(['bash', '--noprofile', '--rcfile', dir.path('rc'), '-i'], 120, 30);
    let output = '';
    shell.onOutput((text) => {
      output += stripVTControlCharacters(text);
    });
    const shows = async (text: string) => {
      while (!output.includes(text)) await shell.more();
      output = '';
    };
    await shows('ready> ');
    shell.press('kload ru\t');
    await shows('kload run ');
    shell.press('my\t');
    await shows('my\\ orders.csv ');
    shell.press('--format nd\t');
    await shows('ndjson ');
    shell.press('--report=my\t');
    await shows('my\\ orders.csv ');
    await shell.kill('SIGKILL');
    await shell.ended;
  });
});

it('refuses other shells', async () => {
  expect(await kload(['completion', 'tcsh'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('bash, zsh, fish'),
  });
  expect((await kload(['completion'])).code).toBe(2);
});
