import { invalidArgument, ServiceError } from '../protocol/service-error.js';
import { isExpired, readToken, writeToken } from '../store/token.js';

/** The NextTokens of the List operations. */

/** @param now epoch milliseconds: the token's lifetime begins */
export function writePageToken(kind: string, fields: readonly string[], now: number): string {
  return writeToken({ kind, issuedAtMs: now, fields });
}

/** The token's fields. Throws an InvalidArgumentException or an ExpiredNextTokenException. */
export function readPageToken(kind: string, text: string, now: number): readonly string[] {
  const token = readToken(kind, text);
  if (token === undefined) throw invalidArgument('NextToken is invalid.');
  if (isExpired(token, now)) throw new ServiceError('ExpiredNextTokenException', 'NextToken has expired.');
  return token.fields;
}
