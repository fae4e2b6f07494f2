import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { RequestBuffers } from '../../bytes/request-buffers.js';
import { leavesDoubt } from '../../send/doubt.js';
import type { OutgoingRecord } from '../../send/target.js';
import type { KinesisConnection } from '../client/client.js';
import { proxyFor } from '../client/proxy.js';
import { hasNewKeys } from '../client/recovery.js';
import { failureOf } from '../errors/failures.js';
import type { BodyWriter } from './body-writer.js';
import { ConnectionPool, type Timeouts } from './connection-pool.js';
import { RequestPattern } from './request-pattern.js';
import { readAnswer } from './response-reader.js';
import type { Results } from './results.js';
import { ServiceClock } from './service-clock.js';
import { WIRES, type WireName } from './wire.js';

/**
 * PutRecords without the SDK's middle: 0.7 to 1.1 us a record of 100 bytes instead of 7 to 12. What is asked for, by whom,
 * where and when is still the SDK's (`RequestPattern`, `ServiceClock`); how it is written, signed, sent and read is here.
 */
export class PutRecordsClient {
  readonly #sdk: KinesisClient;
  readonly #connection: KinesisConnection;
  readonly #timeouts: Timeouts;
  readonly #clock: ServiceClock;
  readonly #wire: WireName;
  readonly #writer: BodyWriter;
  readonly #buffers = new RequestBuffers();
  readonly #pools: ConnectionPool[] = [];
  #pattern: RequestPattern | undefined;
  #taking: Promise<RequestPattern> | undefined;

  constructor(sdk: KinesisClient, connection: KinesisConnection, wire: WireName, timeouts: Timeouts) {
    this.#sdk = sdk;
    this.#connection = connection;
    this.#timeouts = timeouts;
    this.#clock = new ServiceClock(sdk.config);
    this.#wire = wire;
    this.#writer = WIRES[wire].writerFor(connection.stream);
  }

  /** @throws as `put` does */
  async warmUp(): Promise<void> {
    await this.#poolFor(await this.#currentPattern()).warmUp();
  }

  /**
   * @param batch   at least one record
   * @param handing called each time that the request goes to a socket
   * @throws what `failureOf` takes: errors of the service, of the system, and of the SDK's credential providers
   */
  async put(batch: readonly OutgoingRecord[], handing: () => void): Promise<Results> {
    for (let isFirst = true; ; isFirst = false) {
      const pattern = await this.#currentPattern();
      const outcome = await this.#putBy(pattern, batch, handing);
      if (!(outcome instanceof Error)) return outcome;
      const mayRecover = isFirst && !leavesDoubt(failureOf(outcome));
      if (!mayRecover || !(await hasNewKeys(outcome, this.#sdk, pattern.identity))) throw outcome;
    }
  }

  /** Gives the service's error, and throws all others. */
  async #putBy(
    pattern: RequestPattern,
    batch: readonly OutgoingRecord[],
    handing: () => void,
  ): Promise<Results | Error> {
    const bodyAt = pattern.headBytesMax;
    const scratch = this.#buffers.take(bodyAt + this.#writer.bytesMax(batch));
    const body = scratch.bytes.subarray(bodyAt, this.#writer.write(batch, scratch, bodyAt));
    for (let isFirst = true; ; isFirst = false) {
      const signedAtMs = this.#clock.nowMs();
      const head = pattern.head(body, signedAtMs);
      // Directly before the body, so that both go in one write.
      const request = scratch.bytes.subarray(bodyAt - head.length, bodyAt + body.length);
      request.write(head, 'latin1');
      const outcome = await this.#poolFor(pattern).ask(request, handing, (answer) => {
        this.#clock.noteAnswer(answer);
        return readAnswer(answer, this.#wire);
      });
      if (outcome instanceof Error && isFirst && this.#isRefusedByClock(outcome, signedAtMs)) continue;
      // Not where there was no answer: the system may still read it.
      this.#buffers.giveBack(scratch);
      return outcome;
    }
  }

  close(): void {
    for (const pool of this.#pools) pool.close();
  }

  /** Whether the request can be sent again at once: it was refused, and would not be now. */
  #isRefusedByClock(error: Error, signedAtMs: number): boolean {
    return this.#clock.explains(error.name, signedAtMs) && !leavesDoubt(failureOf(error));
  }

  /** The SDK gives the same identity until it is about to expire, and then the next one. */
  async #currentPattern(): Promise<RequestPattern> {
    const identity = await this.#sdk.config.credentials();
    if (this.#pattern?.isFor(identity)) return this.#pattern;
    this.#taking ??= RequestPattern.take(this.#connection, identity, WIRES[this.#wire].contentType).finally(() => {
      this.#taking = undefined;
    });
    this.#pattern = await this.#taking;
    await this.#clock.configure();
    return this.#pattern;
  }

  #poolFor({ origin }: RequestPattern): ConnectionPool {
    const known = this.#pools.find((pool) => pool.leadsTo(origin));
    if (known !== undefined) return known;
    const { ca, usesProxies } = this.#connection;
    const proxy = usesProxies ? proxyFor(origin, process.env) : undefined;
    const pool = new ConnectionPool({ ...origin, ca, proxy }, this.#timeouts);
    this.#pools.push(pool);
    return pool;
  }
}
