import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import { nowMs } from '../core/clock.js';
import type { Failure } from '../core/failure.js';
import type { OutgoingRecord, RecordFailure, SendResult, Target } from '../send/target.js';
import { createKinesisClient, type HandOver, type KinesisConnection } from './client.js';
import { failureOf, recordFailureKind } from './errors.js';

/** Few enough for the 20 a second that an account may make of them. */
const WARM_UP_CALLS = 2;

/** Sends each batch as one PutRecords request. */
export class KinesisTarget implements Target {
  readonly #client: KinesisClient;
  readonly #connection: KinesisConnection;

  constructor(connection: KinesisConnection, requestsInFlightMax: number) {
    this.#connection = connection;
    this.#client = createKinesisClient(connection, requestsInFlightMax);
  }

  /** Opens a connection, with credentials found and the SDK's code loaded and compiled. */
  async warmUp(): Promise<void> {
    for (let call = 0; call < WARM_UP_CALLS; call++) {
      try {
        await this.#client.send(new DescribeStreamSummaryCommand(this.#connection.stream));
      } catch {
        return;
      }
    }
  }

  async send(batch: readonly OutgoingRecord[], handedOver: (atMs: number) => void): Promise<SendResult> {
    let handedAtMs = nowMs();
    const records = batch.map(({ source, dataStart, dataEnd, keyStart, keyEnd }) => ({
      Data: source.subarray(dataStart, dataEnd),
      PartitionKey: source.toString('utf8', keyStart, keyEnd),
    }));
    const command = new PutRecordsCommand({ ...this.#connection.stream, Records: records });
    const options: HandOver = {
      handedOver: (atMs) => {
        handedAtMs = atMs;
        handedOver(atMs);
      },
    };
    const result = (answer: Partial<SendResult>): SendResult => {
      return { handedAtMs, endedAtMs: nowMs(), refusal: undefined, failures: [], shardIds: [], ...answer };
    };
    try {
      const answer = await this.#client.send(command, options as object);
      const results = answer.Records ?? [];
      if (results.length !== batch.length) return result({ refusal: lostCount(results.length, batch.length) });
      return result({ failures: failuresIn(results), shardIds: results.map(({ ShardId }) => ShardId) });
    } catch (error) {
      return result({ refusal: failureOf(error) });
    }
  }

  close(): void {
    this.#client.destroy();
  }
}

/** Reads the codes themselves, never only FailedRecordCount: there are emulators that always answer 0. */
function failuresIn(results: readonly PutRecordsResultEntry[]): RecordFailure[] {
  const failures: RecordFailure[] = [];
  for (const [index, result] of results.entries()) {
    const code = result.ErrorCode;
    if (code === undefined) continue;
    const message = result.ErrorMessage ?? '';
    failures.push({ index, kind: recordFailureKind(code), code, message, shardId: shardIn(message) });
  }
  return failures;
}

/** 'Rate exceeded for shard shardId-000000000001 in stream …' names the shard. */
function shardIn(message: string): string | undefined {
  return /\bshard (shardId-\d+)/.exec(message)?.[1];
}

function lostCount(got: number, sent: number): Failure {
  const message = `the answer tells of ${got} records where ${sent} were sent`;
  return { kind: 'retriable', code: 'UnreadableAnswer', message };
}
