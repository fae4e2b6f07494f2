import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { type Identity, isSameIdentity } from './connection.js';

/** Errors by which the service refuses unknown or expired keys. */
const KEYS_REFUSED = new Set([
  'ExpiredTokenException',
  'ExpiredToken',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
]);

/**
 * Makes a client repeat a call once if the service refused its keys and new keys are available, or if it refused the
 * signature's time and the SDK has corrected its clock since.
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
 * Checks whether there are new keys, for example because a tool has renewed them in the credentials file.
 *
 * @param used the keys that signed the refused request
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
