import { expect, it } from 'vitest';
import { reusedToken } from '../../src/kafka/cluster/token.js';

const LIFE_MS = 900_000;

function source() {
  let nowMs = 1_000_000;
  let fetched = 0;
  let failure: Error | undefined;
  const token = reusedToken(
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

it('is one for all who ask, also at once', async () => {
  const { token, fetched, pass } = source();
  expect(await Promise.all([token(), token(), token()])).toEqual(['token-1', 'token-1', 'token-1']);
  pass(LIFE_MS - 121_000);
  expect(await token()).toBe('token-1');
  expect(fetched()).toBe(1);
});

it('is renewed well before it expires, for as long as a run goes on', async () => {
  const { token, fetched, pass } = source();
  await token();
  let sinceRenewalMs = 0;
  for (let minute = 1; minute <= 12 * 60; minute++) {
    const before = fetched();
    pass(60_000);
    await token();
    sinceRenewalMs = fetched() > before ? 0 : sinceRenewalMs + 60_000;
    // A session is renewed ten seconds before it ends: by then there is another token.
    expect(sinceRenewalMs).toBeLessThan(LIFE_MS - 10_000);
  }
  // Every 13 minutes of 12 hours, and the first.
  expect(fetched()).toBe(1 + Math.floor((12 * 60) / 13));
});

it('serves until it expires where no other can be had', async () => {
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
