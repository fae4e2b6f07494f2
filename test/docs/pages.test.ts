import { describe, test } from 'vitest';
import { pages, readPage } from './page.js';
import { runPage } from './run-page.js';

/** Runs all code blocks of README.md and docs/. Those that need more than a laptop run with the interop tests. */
const LAPTOP = { names: new Set<string>(), path: [], ports: new Map<number, number>() };

describe.concurrent('the code blocks run', { tags: 'long' }, () => {
  test.for(pages())('%s', { timeout: 300_000 }, (path) => runPage(readPage(path), LAPTOP));
});
