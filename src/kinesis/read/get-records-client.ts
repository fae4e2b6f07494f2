import { GetRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { Scratch } from '../../bytes/scratch.js';
import { messageOf } from '../../core/errors.js';
import type { KinesisConnection } from '../client/client.js';
import type { Timeouts } from '../put-records/connection-pool.js';
import type { HttpResponse } from '../put-records/response-parser.js';
import { serviceError, unreadable } from '../put-records/service-error.js';
import { SignedCalls } from '../put-records/signed-calls.js';
import { type ReadPageMembers, readPage } from './page-reader.js';

/**
 * Calls GetRecords without most of the SDK. Speaks JSON, which every emulator understands, and which costs no more to
 * read than CBOR.
 */
export class GetRecordsClient {
  readonly #calls: SignedCalls;
  /** The service needs the ARN to find a stream of another account. */
  readonly #arn: { readonly StreamARN?: string };
  readonly #requestsMax: number;
  #requests = 0;
  /** Calls that wait for others to end. */
  readonly #waiting: (() => void)[] = [];

  /** @param requestsMax the limit on concurrent requests */
  constructor(sdk: KinesisClient, connection: KinesisConnection, requestsMax: number, timeouts: Timeouts) {
    const { stream } = connection;
    this.#arn = 'StreamARN' in stream ? stream : {};
    const command = () => new GetRecordsCommand({ ...this.#arn, ShardIterator: 'i' });
    this.#calls = new SignedCalls(sdk, connection, { command, contentType: 'application/x-amz-json-1.1' }, timeouts);
    this.#requestsMax = requestsMax;
  }

  /** @throws as `SignedCalls.call` does */
  async get(shardId: string, iterator: string, countMax: number): Promise<ReadPageMembers> {
    if (this.#requests >= this.#requestsMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#requests++;
    try {
      const text = Buffer.from(JSON.stringify({ ...this.#arn, ShardIterator: iterator, Limit: countMax }));
      const body = { bytesMax: text.length, write: ({ bytes }: Scratch, at: number) => at + text.copy(bytes, at) };
      return await this.#calls.call(
        body,
        () => {},
        (response) => pageIn(response, shardId),
      );
    } finally {
      this.#requests--;
      this.#waiting.shift()?.();
    }
  }

  close(): void {
    this.#calls.close();
  }
}

function pageIn(response: HttpResponse, shardId: string): ReadPageMembers | Error {
  const { status, body } = response;
  if (status >= 300) return serviceError(response, 'JSON');
  try {
    return readPage(body, shardId);
  } catch (error) {
    return unreadable(status, body, messageOf(error));
  }
}
