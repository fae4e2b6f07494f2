export interface Token {
  readonly value: string;
  /** Epoch milliseconds. */
  readonly expiresAtMs: number;
}

/** A token is used no more when less than this share of its life is left, or this time. */
const LEFT_SHARE_MIN = 0.2;
const LEFT_MS_MIN = 120_000;

/**
 * Gives one token to all who ask, and a new one well before it expires. Where none can be had, the old one does until it
 * has expired.
 *
 * @param now epoch milliseconds
 */
export function reusedToken(fetchToken: () => Promise<Token>, now: () => number = Date.now): () => Promise<string> {
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
