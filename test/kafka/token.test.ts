import { expect, it } from 'vitest';
import { cachedToken } from '../../src/kafka/cluster/token.js';

const LIFE_MS = 900_000;

function source() {
  let nowMs = 1_000_000;
  let fetched = 0;
  let failure: Error | undefined;
  const token = cachedToken(
    async () => {
      fetched += 1;
      if (failure !== undefined) throw failure;
      return { value: `token-${fetched}`, expiresAtMs: nowMs + LIFE_MS };
    },
    () => nowMs,
  );
  return {
    token,
    fetched: () => fetched,
    pass: (ms: number) => {
      nowMs += ms;
    },
    fail: (error?: Error) => {
      failure = error;
    },
  };
}

it('is the same for all callers, also for concurrent ones', async () => {
  const { token, fetched, pass } = source();
  expect(await Promise.all([token(), token(), token()])).toEqual(['token-1', 'token-1', 'token-1']);
  pass(LIFE_MS - 121_000);
  expect(await token()).toBe('token-1');
  expect(fetched()).toBe(1);
});

it('is renewed well before it expires, again and again', async () => {
  const { token, fetched, pass } = source();
  await token();
  let sinceRenewalMs = 0;
  for (let minute = 1; minute <= 12 * 60; minute++) {
    const before = fetched();
    pass(60_000);
    await token();
    sinceRenewalMs = fetched() > before ? 0 : sinceRenewalMs + 60_000;
    // A session is renewed ten seconds before its token expires, so a new token must be there by then.
    expect(sinceRenewalMs).toBeLessThan(LIFE_MS - 10_000);
  }
  // The first token, and one every 13 minutes for 12 hours.
  expect(fetched()).toBe(1 + Math.floor((12 * 60) / 13));
});

it('is used until it expires if no other can be fetched', async () => {
  const { token, pass, fail, fetched } = source();
  await token();
  fail(new Error('no network'));
  pass(LIFE_MS - 60_000);
  expect(await token()).toBe('token-1');
  pass(60_000);
  await expect(token()).rejects.toThrow('no network');
  fail();
  expect(await token()).toBe(`token-${fetched()}`);
});
