import { describe, expect, it } from 'vitest';
import { kload } from '../support/kload.js';

describe('kload run --help', async () => {
  const { code, stdout } = await kload(['run', '--help']);
  const examples = [...stdout.matchAll(/^ {2}kload (run .*?) +# /gm)].map(([, args = '']) => args.split(' '));

  it('begins with three examples', () => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Examples:\n( {2}kload run .*\n){3}\nUsage: kload run /);
    expect(examples).toHaveLength(3);
  });

  it('names every kind of input', () => {
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain('CSV, NDJSON, JSON, lines of text or captures of Kinesis calls; plain, gzip or zstd');
  });

  it.each(examples)('shows a correct example: %s %s %s', async (...args) => {
    // --resume without a checkpoint is refused after all values were parsed and before anything is sent.
    const { code, stderr } = await kload([...args, '--resume']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--checkpoint') });
  });
});
