import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { type Identity, isSameIdentity } from './connection.js';

/** The service does not take these keys, or no longer. */
const KEYS_REFUSED = new Set([
  'ExpiredTokenException',
  'ExpiredToken',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
]);

/**
 * Makes each call of a client once more where the service refused it for its keys and there are new ones by now, or for
 * this machine's clock, which the SDK has corrected by then.
 */
export function recoverOnce(client: KinesisClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const used = await client.config.credentials();
      try {
        return await next(args);
      } catch (error) {
        if (!isClockCorrected(error) && !(await hasNewKeys(error, client, used))) throw error;
        return next(args);
      }
    },
    { step: 'initialize', priority: 'high', name: 'recoverOnce' },
  );
}

/**
 * Looks for the keys again, since a helper may have renewed them in the credentials file.
 *
 * @param used the keys that signed what was refused
 */
export async function hasNewKeys(error: unknown, client: KinesisClient, used: Identity): Promise<boolean> {
  if (!(error instanceof Error) || !KEYS_REFUSED.has(error.name)) return false;
  const { credentials } = client.config;
  if (!isSameIdentity(await credentials(), used)) return true;
  return !isSameIdentity(await credentials({ forceRefresh: true }), used);
}

function isClockCorrected(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { clockSkewCorrected?: boolean } };
  return $metadata?.clockSkewCorrected === true;
}
