/**
 * Texts that a client is handed and hands back: shard iterators and page tokens. They hold all that is needed to go on,
 * so that nothing is kept for them here, and the time after which they are refused.
 */

export interface Token {
  /** What it is good for. */
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly issuedAtMs: number;
  readonly fields: readonly string[];
}

/** How long a shard iterator and a page token are good for, milliseconds. */
export const TOKEN_LIFE_MS = 300_000;

export function writeToken({ kind, issuedAtMs, fields }: Token): string {
  return Buffer.from(JSON.stringify([kind, issuedAtMs, ...fields])).toString('base64');
}

/** Undefined where the text is no token of this kind. */
export function readToken(kind: string, text: string): Token | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [found, issuedAtMs, ...fields]: unknown[] = parts;
  if (found !== kind || !isMoment(issuedAtMs) || !fields.every((field) => typeof field === 'string')) return undefined;
  return { kind, issuedAtMs, fields };
}

/** Clients can make tokens of their own: only what a Date can hold is a time. */
function isMoment(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}

export function isExpired(token: Token, now: number): boolean {
  return now - token.issuedAtMs > TOKEN_LIFE_MS;
}
