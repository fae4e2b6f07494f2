/**
 * Shard iterators and page tokens. A token holds everything needed to continue, and when it was issued, so that the
 * emulator stores nothing for it.
 */

export interface Token {
  /** What the token is for: a token of one kind is not accepted as another. */
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly issuedAtMs: number;
  readonly fields: readonly string[];
}

/** How long shard iterators and page tokens are valid, milliseconds. */
export const TOKEN_LIFE_MS = 300_000;

export function writeToken({ kind, issuedAtMs, fields }: Token): string {
  return Buffer.from(JSON.stringify([kind, issuedAtMs, ...fields])).toString('base64');
}

/** Undefined if the text is not a token of this kind. */
export function readToken(kind: string, text: string): Token | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [found, issuedAtMs, ...fields]: unknown[] = parts;
  if (found !== kind || !isEpochMs(issuedAtMs) || !fields.every((field) => typeof field === 'string')) return undefined;
  return { kind, issuedAtMs, fields };
}

/** Clients can forge tokens, so the number must be one that a Date can represent. */
function isEpochMs(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}

export function isExpired(token: Token, now: number): boolean {
  return now - token.issuedAtMs > TOKEN_LIFE_MS;
}
