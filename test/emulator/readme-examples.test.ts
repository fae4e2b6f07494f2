import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

/** Runs README's examples of tests unchanged, against the built package. */
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(root, '.readme-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

function example(language: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(
    ([, code = '']) => code,
  );
  const found = blocks.filter((code) => code.includes("from 'kload/emulator'"));
  if (found[0] === undefined || found.length > 1) throw new Error(`README has ${found.length} examples in ${language}`);
  return found[0];
}

const vitestExample = join(folder, 'example.ts');
writeFileSync(vitestExample, example('ts'));
// The tests in the example become tests of this file.
await import(vitestExample);

test('the example for node:test passes', async () => {
  const file = join(folder, 'example.test.js');
  writeFileSync(file, example('js'));
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
    cwd: root,
  });
  expect(stdout).toMatch(/^# pass 1$/m);
});
