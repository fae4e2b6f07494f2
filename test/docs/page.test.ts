import { describe, expect, test } from 'vitest';
import { checkOptions } from './check-options.js';
import { missingLine } from './output.js';
import { parsePage } from './page.js';
import { runPage } from './run-page.js';

/** The check of the docs fails where it should. */

const LAPTOP = { names: new Set<string>(), path: [], ports: new Map<number, number>() };
const run = (markdown: string) => runPage(parsePage(markdown), LAPTOP);
const block = (language: string, code: string) => `\`\`\`${language}\n${code}\n\`\`\`\n`;

describe('output', () => {
  test('numbers, times, bars and blanks may differ', () => {
    expect(missingLine('  1s  sent 4,910 (12 kB)  p99 9.2 ms ▁▂█', '12s  sent 3 (1.2 MB) p99 -\n')).toBeUndefined();
  });

  test('words may not, nor the order of lines', () => {
    expect(missingLine('sent 5 records', 'lost 5 records')).toBe('sent 5 records');
    expect(missingLine('one\ntwo', 'two\none')).toBe('two');
  });

  test('an ellipsis stands for lines, or for text in a line', () => {
    expect(missingLine('one\n…\nfour … six', 'one\ntwo\nfour five six')).toBeUndefined();
    expect(missingLine('{"at":…,"shard":1}', '{"at":17,"shard":0}')).toBeUndefined();
    expect(missingLine('four … six', 'four five seven')).toBe('four … six');
  });
});

describe('pages', () => {
  test('blocks share a shell, a folder and the variables', async () => {
    await run(
      block('sh', 'export X=hello\necho "$X" >file') + block('sh', 'cat file; echo $X') + block('text', 'hello'),
    );
  });

  test('a command that fails fails the page, in a pipe too', async () => {
    await expect(run(block('sh', 'false\ntrue'))).rejects.toThrow('line 1: failed, by exit code:\n1 false');
    await expect(run(block('sh', 'false | cat'))).rejects.toThrow('failed, by exit code');
    await expect(run(block('sh', 'if'))).rejects.toThrow('failed, by exit code');
  });

  test('an expected failure has to happen', async () => {
    await run(`<!-- exit: 5 -->\n${block('sh', '(exit 5)')}`);
    await expect(run(`<!-- exit: 5 -->\n${block('sh', 'true')}`)).rejects.toThrow('no command failed');
  });

  test('output that differs fails the page', async () => {
    const page = `${block('sh', 'echo one')}prose\n\n${block('text', 'two')}`;
    await expect(run(page)).rejects.toThrow('line 6: not printed: two');
  });

  test('a block that is not run has valid options', async () => {
    const page = (command: string) => `<!-- not run: AWS -->\n${block('sh', command)}`;
    await run(page('aws sts get-caller-identity\nkload run --stream orders --rps 10 | jq . &'));
    await expect(run(page('kload run --strem orders'))).rejects.toThrow("unknown option '--strem'");
  });

  test('a terminal runs until Ctrl-C', async () => {
    const start = `<!-- terminal: server -->\n${block('sh', 'trap "echo bye; exit" INT; echo ready; read -r line')}`;
    await run(`${start}${block('text', 'ready')}<!-- ctrl-c: server -->\n${block('text', 'bye')}`);
  });

  test('text is replaced where a comment says so', async () => {
    await run(`<!-- in the test: "one" becomes "two" -->\n${block('sh', 'test one = two')}`);
    const page = `<!-- in the test: "three" becomes "two" -->\n${block('sh', 'test one = two')}`;
    await expect(run(page)).rejects.toThrow('no text "three" to replace');
  });

  test('unknown comments and indented blocks are refused', () => {
    expect(() => parsePage(`<!-- nut run: AWS -->\n${block('sh', 'true')}`)).toThrow('line 2: unknown comment');
    expect(() => parsePage('  ```sh\n  true\n  ```\n')).toThrow('line 1: an indented block');
  });
});

test.each(['run a.csv --respect-timing', 'tail orders --count 3', 'record orders', 'emulate --stream orders:4'])(
  'kload %s is a valid command line',
  async (line) => {
    await checkOptions(line.split(' '), {});
  },
);
