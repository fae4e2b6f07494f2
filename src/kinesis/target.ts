import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { Failure } from '../core/failure.js';
import { nowMs } from '../system/clock.js';
import type { OutgoingRecord, SendResult, Target } from '../target/target.js';
import { connectTimeoutMs, createKinesisClient, type KinesisConnection } from './client/client.js';
import { failureOf, recordFailureKind } from './errors/failures.js';
import { PutRecordsClient } from './put-records/put-records-client.js';
import type { WireName } from './put-records/wire.js';

/** Sends each batch as one PutRecords request. */
export class KinesisTarget implements Target {
  readonly recognisesResends = false;
  readonly #client: KinesisClient;
  readonly #connection: KinesisConnection;
  readonly #putRecords: PutRecordsClient;

  constructor(connection: KinesisConnection, wire: WireName) {
    this.#connection = connection;
    this.#client = createKinesisClient(connection, 1);
    const requestMs = connection.requestTimeoutMs;
    this.#putRecords = new PutRecordsClient(this.#client, connection, wire, {
      connectMs: connectTimeoutMs(connection),
      requestMs,
    });
  }

  /** Finds credentials, compares clocks, and opens a connection. */
  async warmUp(): Promise<void> {
    try {
      await this.#client.send(new DescribeStreamSummaryCommand(this.#connection.stream));
    } catch {
      // The first batch will meet the same error. Even an error response has set the service's time.
    }
    await this.#putRecords.warmUp().catch(() => {});
  }

  async send(batch: readonly OutgoingRecord[], onOffered: (atMs: number) => void): Promise<SendResult> {
    let offeredAtMs: number | undefined;
    const startedAtMs = nowMs();
    const onWrite = () => {
      if (offeredAtMs !== undefined) return;
      offeredAtMs = nowMs();
      onOffered(offeredAtMs);
    };
    const result = ({ refusal, failures = [], shardIds = [] }: Partial<SendResult>): SendResult => {
      const offered = offeredAtMs !== undefined;
      return { offered, offeredAtMs: offeredAtMs ?? startedAtMs, endedAtMs: nowMs(), refusal, failures, shardIds };
    };
    try {
      const { shardIds, refused } = await this.#putRecords.put(batch, onWrite);
      if (shardIds.length !== batch.length) return result({ refusal: miscount(shardIds.length, batch.length) });
      const failures = refused.map(({ index, code, message }) => {
        return { index, kind: recordFailureKind(code), code, message, shardId: shardIn(message) };
      });
      return result({ failures, shardIds });
    } catch (error) {
      return result({ refusal: failureOf(error) });
    }
  }

  close(): void {
    this.#putRecords.close();
    this.#client.destroy();
  }
}

/** Finds the shard in an error message such as 'Rate exceeded for shard shardId-000000000001 in stream …'. */
function shardIn(message: string): string | undefined {
  return /\bshard (shardId-\d+)/.exec(message)?.[1];
}

function miscount(got: number, sent: number): Failure {
  const message = `the response has ${got} results for ${sent} records`;
  return { kind: 'retriable', code: 'UnreadableResponse', message, mayBeStored: true };
}
