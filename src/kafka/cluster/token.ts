export interface Token {
  readonly value: string;
  /** Epoch milliseconds. */
  readonly expiresAtMs: number;
}

/** A token is renewed when this share of its lifetime or this time is left, whichever comes later. */
const LEFT_SHARE_MIN = 0.2;
const LEFT_MS_MIN = 120_000;

/**
 * Returns a function that returns the same token to all callers and renews it well before it expires. If renewing
 * fails, the old token is returned until it expires.
 *
 * @param now epoch milliseconds
 */
export function cachedToken(fetchToken: () => Promise<Token>, now: () => number = Date.now): () => Promise<string> {
  let current: (Token & { readonly renewAtMs: number }) | undefined;
  let fetching: Promise<void> | undefined;
  const renew = async () => {
    const startMs = now();
    const token = await fetchToken();
    const leftMs = Math.min(LEFT_MS_MIN, (token.expiresAtMs - startMs) * LEFT_SHARE_MIN);
    current = { ...token, renewAtMs: token.expiresAtMs - leftMs };
  };
  return async () => {
    if (current !== undefined && now() < current.renewAtMs) return current.value;
    fetching ??= renew().finally(() => {
      fetching = undefined;
    });
    try {
      await fetching;
    } catch (error) {
      if (current === undefined || now() >= current.expiresAtMs) throw error;
    }
    return current?.value ?? '';
  };
}
