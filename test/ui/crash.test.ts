import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

const LEFT = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
const root = resolve(import.meta.dirname, '../..');
let built = '';

// Each test starts a process.
vi.setConfig({ testTimeout: 60_000 });

/** The process runs the built dashboard. */
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'kload-ui-'));
  writeFileSync(join(built, 'package.json'), '{"type":"module"}');
  const views = readFileSync(join(import.meta.dirname, 'views.ts'), 'utf8');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true };
  writeFileSync(join(built, 'views.js'), ts.transpileModule(views, { compilerOptions }).outputText);
});

afterAll(() => rmSync(built, { recursive: true, force: true }));

/** The output of a process, with standard error, that shows its dashboard and then runs `ending`. */
async function outputOf(ending: string): Promise<{ output: string; code: number | null; signal: string | null }> {
  const script = `
    import { startDashboard } from ${JSON.stringify(join(root, 'dist/bundle/dashboard.js'))};
    import { makeView } from './views.js';
    let view = () => makeView();
    const controls = { stop() {}, togglePause() {}, scaleRate() {} };
    const alive = setInterval(() => {}, 1000);
    const dashboard = await startDashboard({ view: () => view(), controls, framesPerSecond: 100 });
    setTimeout(async () => { ${ending} }, 20);`;
  writeFileSync(join(built, 'run.js'), script);
  const child = spawn('/bin/sh', ['-c', `exec "${process.execPath}" run.js 2>&1`], {
    cwd: built,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>((done) => {
    child.on('exit', (code, signal) => done({ code, signal }));
  });
  return { output: await text(child.stdout), ...(await ended) };
}

const afterLeaving = (output: string): string => {
  expect(output.split(LEFT)).toHaveLength(2);
  return output.slice(output.indexOf(LEFT) + LEFT.length);
};

it('leaves the terminal clean before an uncaught exception is printed', async () => {
  const { output, code } = await outputOf("throw new Error('boom');");
  expect(output).toContain('● running');
  expect(afterLeaving(output)).toContain('Error: boom');
  expect(code).toBe(1);
});

it('leaves the terminal clean before a handler of the program prints the error', async () => {
  const { output, code } = await outputOf(`
    process.on('uncaughtException', (error) => { console.error('handled', error.message); process.exit(7); });
    throw new Error('boom');`);
  expect(afterLeaving(output)).toBe('handled boom\n');
  expect(code).toBe(7);
});

it('ends the process if the view throws', async () => {
  const { output, code } = await outputOf("view = () => { throw new Error('no view'); };");
  expect(afterLeaving(output)).toContain('Error: no view');
  expect(code).toBe(1);
});

it('leaves the terminal clean at process.exit()', async () => {
  const { output, code } = await outputOf('process.exit(3);');
  expect(afterLeaving(output)).toBe('');
  expect(code).toBe(3);
});

it('leaves the terminal clean when killed with a signal nobody handles', async () => {
  const { output, signal } = await outputOf("process.kill(process.pid, 'SIGTERM');");
  // Ink's own exit handler may follow: it shows the cursor once more.
  expect(afterLeaving(output).replace('\x1b[?25h', '')).toBe('');
  expect(signal).toBe('SIGTERM');
});

it('lets the process end by itself after stop()', async () => {
  const { output, code } = await outputOf("await dashboard.stop(); clearInterval(alive); console.log('bye');");
  expect(afterLeaving(output)).toBe('bye\n');
  expect(code).toBe(0);
});
