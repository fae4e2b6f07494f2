import { oneAtATime } from '../../core/waiting.js';

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
  const renew = oneAtATime(async () => {
    const startMs = now();
    const token = await fetchToken();
    const leftMs = Math.min(LEFT_MS_MIN, (token.expiresAtMs - startMs) * LEFT_SHARE_MIN);
    current = { ...token, renewAtMs: token.expiresAtMs - leftMs };
  });
  return async () => {
    if (current !== undefined && now() < current.renewAtMs) return current.value;
    try {
      await renew();
    } catch (error) {
      if (current === undefined || now() >= current.expiresAtMs) throw error;
    }
    return current?.value ?? '';
  };
}

/**
 * Makes a token for MSK: a request signed with the AWS credentials of the profile or of the environment.
 *
 * @throws the AWS SDK's errors if there are no credentials
 */
export async function mskToken(region: string, profile: string | undefined): Promise<Token> {
  // Loaded on first use: the package brings AWS clients of its own.
  const { generateAuthToken, generateAuthTokenFromProfile } = await import('aws-msk-iam-sasl-signer-js');
  const { token, expiryTime } =
    profile === undefined
      ? await generateAuthToken({ region })
      : await generateAuthTokenFromProfile({ region, awsProfileName: profile });
  return { value: token, expiresAtMs: expiryTime };
}
