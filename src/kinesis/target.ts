import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { Failure } from '../core/failure.js';
import type { OutgoingRecord, SendResult, Target } from '../send/target.js';
import { nowMs } from '../system/clock.js';
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
      // Whatever it was, the first batch meets it again; the answer told the service's time.
    }
    await this.#putRecords.warmUp().catch(() => {});
  }

  async send(batch: readonly OutgoingRecord[], handedOver: (atMs: number) => void): Promise<SendResult> {
    let offeredAtMs: number | undefined;
    const startedAtMs = nowMs();
    const handing = () => {
      if (offeredAtMs !== undefined) return;
      offeredAtMs = nowMs();
      handedOver(offeredAtMs);
    };
    const result = ({ refusal, failures = [], shardIds = [] }: Partial<SendResult>): SendResult => {
      const offered = offeredAtMs !== undefined;
      return { offered, offeredAtMs: offeredAtMs ?? startedAtMs, endedAtMs: nowMs(), refusal, failures, shardIds };
    };
    try {
      const { shardIds, refused } = await this.#putRecords.put(batch, handing);
      if (shardIds.length !== batch.length) return result({ refusal: lostCount(shardIds.length, batch.length) });
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

/** 'Rate exceeded for shard shardId-000000000001 in stream …' names the shard. */
function shardIn(message: string): string | undefined {
  return /\bshard (shardId-\d+)/.exec(message)?.[1];
}

function lostCount(got: number, sent: number): Failure {
  const message = `the response has ${got} results for ${sent} records`;
  return { kind: 'retriable', code: 'UnreadableAnswer', message, mayBeStored: true };
}
