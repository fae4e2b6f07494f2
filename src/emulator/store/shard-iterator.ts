import { invalidArgument, ServiceError } from '../protocol/service-error.js';
import { isExpired, readToken, TOKEN_LIFE_MS, writeToken } from './token.js';

/** The position in a shard from which a reader continues. */
export interface ShardIterator {
  readonly streamArn: string;
  readonly streamId: string;
  readonly shardId: string;
  readonly position: number;
}

const KIND = 'shard-iterator';

/** @param now epoch milliseconds; the iterator expires TOKEN_LIFE_MS later */
export function writeShardIterator({ streamArn, streamId, shardId, position }: ShardIterator, now: number): string {
  return writeToken({ kind: KIND, issuedAtMs: now, fields: [streamArn, streamId, shardId, String(position)] });
}

/** Throws an InvalidArgumentException or an ExpiredIteratorException. */
export function readShardIterator(text: string, now: number): ShardIterator {
  const token = readToken(KIND, text);
  const [streamArn = '', streamId = '', shardId = '', position = ''] = token?.fields ?? [];
  if (token === undefined || !/^\d{1,15}$/.test(position)) {
    throw invalidArgument('Invalid ShardIterator.');
  }
  if (isExpired(token, now)) throw expiredIterator(token.issuedAtMs, now);
  return { streamArn, streamId, shardId, position: Number(position) };
}

/** The service's error for an iterator that is too old. Times are epoch milliseconds. */
export function expiredIterator(issuedAtMs: number, now: number): ServiceError {
  return new ServiceError(
    'ExpiredIteratorException',
    `Iterator expired. The iterator was created at time ${utcText(issuedAtMs)} while right now it is ` +
      `${utcText(now)} which is further in the future than the tolerated delay of ${TOKEN_LIFE_MS} milliseconds.`,
  );
}

/** Thu Jan 22 01:22:02 UTC 2015 */
function utcText(ms: number): string {
  const [weekday, day, month, year, time] = new Date(ms).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
