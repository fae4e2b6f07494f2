import { describe, expect, it } from 'vitest';
import { EXIT_CODES, KloadError } from '../../src/core/errors.js';
import type { WorkerGauges } from '../../src/core/snapshot.js';
import { silentForMs } from '../../src/run/live/notice.js';
import { EndCause } from '../../src/run/outcome.js';
import { IDLE_GAUGES } from '../support/gauges.js';

const NONE = Number.POSITIVE_INFINITY;
const NEVER = Number.NEGATIVE_INFINITY;

function worker(held: number, noResponseSinceMs: number, respondedAtMs: number): WorkerGauges {
  return { ...IDLE_GAUGES, held, respondedAtMs, noResponseSinceMs };
}

describe('for how long the target is silent', () => {
  it.each<[string, WorkerGauges[], number]>([
    ['there are no workers yet', [], 0],
    ['no request was sent', [worker(5, NONE, NEVER)], 0],
    ['it has responded to everything', [worker(5, NONE, 900), worker(0, NONE, NEVER)], 0],
    ['it never responded', [worker(5, 100, NEVER)], 900],
    ['it never responded to either of two workers', [worker(5, 400, NEVER), worker(1, 100, NEVER)], 900],
    ['it responds to one worker, but not to the other', [worker(5, 100, NEVER), worker(5, 990, 990)], 10],
    ['it last responded to a worker that has no more requests', [worker(5, 100, 50), worker(0, NONE, 700)], 300],
    ['it responded long ago, and a new request was sent lately', [worker(5, 800, 50)], 200],
    ['the workers that wait have nothing left to send', [worker(0, 100, NEVER)], 0],
  ])('when %s', (_, gauges, silentMs) => {
    expect(silentForMs(gauges, 1000)).toBe(silentMs);
  });
});

describe('how a run ended', () => {
  it('without a cause: all sent, or some records failed', () => {
    const cause = new EndCause();
    expect(cause.known).toBe(false);
    expect(cause.outcome(0, 0, [])).toEqual({ exitCode: EXIT_CODES.ok.code, reason: null, hint: null });
    expect(cause.outcome(3, 0, [])).toEqual({ exitCode: EXIT_CODES.failures.code, reason: null, hint: null });
  });

  it('by the first cause: its consequences do not count', () => {
    const cause = new EndCause();
    cause.set('target', 'the stream is gone', 'make another');
    cause.set('interrupted', 'interrupted');
    cause.setFrom(new Error('a consequence'));
    expect(cause.known).toBe(true);
    expect(cause.outcome(7, 0, [])).toEqual({ exitCode: 4, reason: 'the stream is gone', hint: 'make another' });
  });

  it('by an error of the user, with its message and hint', () => {
    const cause = new EndCause();
    cause.setFrom(new KloadError('input', 'a.csv:3: no data field', 'fix it'));
    expect(cause.outcome(0, 0, [])).toEqual({ exitCode: 3, reason: 'a.csv:3: no data field', hint: 'fix it' });
    const withoutHint = new EndCause();
    withoutHint.setFrom(new KloadError('output', 'disk full'));
    expect(withoutHint.outcome(0, 0, [])).toEqual({ exitCode: 6, reason: 'disk full', hint: null });
  });

  it('by any other error: a bug, with its stack', () => {
    const cause = new EndCause();
    cause.setFrom(new TypeError('x is not a function'));
    const { exitCode, reason, hint } = cause.outcome(0, 0, []);
    expect([exitCode, reason]).toEqual([1, 'a bug in kload: x is not a function']);
    expect(hint).toContain('run-state.test.ts');
    const text = new EndCause();
    text.setFrom('thrown text');
    expect(text.outcome(0, 0, [])).toEqual({ exitCode: 1, reason: 'a bug in kload: thrown text', hint: null });
  });

  it('has an exit code of its own for each kind of end', () => {
    const codes = Object.values(EXIT_CODES).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(EXIT_CODES).toMatchObject({ ok: { code: 0 }, threshold: { code: 99 }, interrupted: { code: 130 } });
  });

  it('by a crossed threshold, which wins over failed records and Ctrl-C, and over nothing else', () => {
    const crossed = { threshold: 'behind < 1s', ok: false, value: 2000, got: '2.00 s', shard: null, since: 4 };
    const exitOf = (cause: EndCause, failed = 0) => cause.outcome(failed, 0, [crossed, { ...crossed, ok: true }]);
    expect(exitOf(new EndCause(), 3)).toEqual({ exitCode: 99, reason: 'threshold crossed: behind < 1s', hint: null });
    for (const [exit, code] of [
      ['bug', 1],
      ['usage', 2],
      ['input', 3],
      ['target', 4],
      ['output', 6],
    ] as const) {
      const cause = new EndCause();
      cause.set(exit, 'something else');
      expect(exitOf(cause)).toEqual({ exitCode: code, reason: 'something else', hint: null });
    }
    const interrupted = new EndCause();
    interrupted.set('interrupted', 'interrupted');
    expect(exitOf(interrupted)).toMatchObject({ exitCode: 99, reason: 'interrupted, threshold crossed: behind < 1s' });
  });
});
