import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** A worker thread runs JavaScript only: the emulator is compiled for these tests. */
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kload-emulator-'));
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  const source = join(import.meta.dirname, '../../src/emulator');
  for (const name of await readdir(source, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const target = join(directory, name.replace(/\.ts$/, '.js'));
    const compilerOptions = {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
    };
    const { outputText } = ts.transpileModule(await readFile(join(source, name), 'utf8'), { compilerOptions });
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, outputText);
  }
});

afterAll(() => rm(directory, { recursive: true }));

test('an emulator in a thread tells where it listens, answers, and ends when it is told to', async () => {
  const workerData = { streams: [{ name: 's', shards: 2 }] };
  const worker = new Worker(join(directory, 'thread.js'), { workerData });
  const [message] = await once(worker, 'message');
  expect(message).toEqual({ type: 'ready', port: expect.any(Number), endpoint: `http://127.0.0.1:${message.port}` });
  expect(await (await fetch(`${message.endpoint}/_kload/health`)).json()).toMatchObject({ status: 'ok' });
  const exited = once(worker, 'exit');
  worker.postMessage({ type: 'close' });
  expect(await exited).toEqual([0]);
});

test('an emulator that cannot start in a thread says why', async () => {
  const worker = new Worker(join(directory, 'thread.js'), { workerData: { streams: [{ name: 's', shards: 0 }] } });
  // It may have ended by the time that its message is read.
  const exited = once(worker, 'exit');
  const [message] = await once(worker, 'message');
  expect(message).toEqual({ type: 'error', message: expect.stringContaining("at 'shardCount'") });
  expect(await exited).toEqual([0]);
});
