import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { RequestBuffers } from '../../bytes/request-buffers.js';
import type { Scratch } from '../../bytes/scratch.js';
import { leavesDoubt } from '../../send/doubt.js';
import type { KinesisConnection } from '../client/client.js';
import { proxyFor } from '../client/proxy.js';
import { hasNewKeys } from '../client/recovery.js';
import { failureOf } from '../errors/failures.js';
import { ConnectionPool, type Timeouts } from './connection-pool.js';
import { RequestPattern } from './request-pattern.js';
import type { HttpResponse } from './response-parser.js';
import type { SampleCall } from './sdk-request.js';
import { ServiceClock } from './service-clock.js';

/** The body of a request. */
export interface Body {
  /** An upper bound on its size. */
  readonly bytesMax: number;
  /** Writes it from `at`, where there is room for `bytesMax` bytes, and returns the position after it. */
  readonly write: (into: Scratch, at: number) => number;
}

/**
 * Calls one operation of the service without most of the SDK. The SDK still decides on endpoint, headers, credentials
 * and clock (see `RequestPattern` and `ServiceClock`). kload signs and sends the requests.
 */
export class SignedCalls {
  readonly #sdk: KinesisClient;
  readonly #connection: KinesisConnection;
  readonly #sample: SampleCall;
  readonly #timeouts: Timeouts;
  readonly #clock: ServiceClock;
  readonly #buffers = new RequestBuffers();
  readonly #pools: ConnectionPool[] = [];
  #pattern: RequestPattern | undefined;
  #taking: Promise<RequestPattern> | undefined;

  /** @param sample a call of the operation, whose request the SDK makes */
  constructor(sdk: KinesisClient, connection: KinesisConnection, sample: SampleCall, timeouts: Timeouts) {
    this.#sdk = sdk;
    this.#connection = connection;
    this.#sample = sample;
    this.#timeouts = timeouts;
    this.#clock = new ServiceClock(sdk.config);
  }

  /** @throws as `call` does */
  async warmUp(): Promise<void> {
    await this.#poolFor(await this.#currentPattern()).warmUp();
  }

  /**
   * @param onWrite called each time the request is written to a socket
   * @param read    reads the response, which is valid only during the call; an Error is thrown
   * @throws errors that `failureOf` classifies: the service's, the system's, and those of the SDK's credential
   *   providers
   */
  async call<T>(body: Body, onWrite: () => void, read: (response: HttpResponse) => T | Error): Promise<T> {
    for (let isFirst = true; ; isFirst = false) {
      const pattern = await this.#currentPattern();
      const outcome = await this.#callBy(pattern, body, onWrite, read);
      if (!(outcome instanceof Error)) return outcome;
      const mayRecover = isFirst && !leavesDoubt(failureOf(outcome));
      if (!mayRecover || !(await hasNewKeys(outcome, this.#sdk, pattern.identity))) throw outcome;
    }
  }

  /** Returns an error of the service, and throws all others. */
  async #callBy<T>(
    pattern: RequestPattern,
    { bytesMax, write }: Body,
    onWrite: () => void,
    read: (response: HttpResponse) => T | Error,
  ): Promise<T | Error> {
    const bodyAt = pattern.headBytesMax;
    const scratch = this.#buffers.take(bodyAt + bytesMax);
    const body = scratch.bytes.subarray(bodyAt, write(scratch, bodyAt));
    for (let isFirst = true; ; isFirst = false) {
      const signedAtMs = this.#clock.nowMs();
      const head = pattern.head(body, signedAtMs);
      // The head goes directly before the body, so that one write sends both.
      const request = scratch.bytes.subarray(bodyAt - head.length, bodyAt + body.length);
      request.write(head, 'latin1');
      const outcome = await this.#poolFor(pattern).ask(request, onWrite, (response) => {
        this.#clock.noteResponse(response);
        return read(response);
      });
      if (outcome instanceof Error && isFirst && this.#isRefusedByClock(outcome, signedAtMs)) continue;
      // Without a response `ask` throws, and the buffer is not reused: the system may still be reading it.
      this.#buffers.giveBack(scratch);
      return outcome;
    }
  }

  close(): void {
    for (const pool of this.#pools) pool.close();
  }

  /** Whether the service refused the request for its time alone, so that it can be sent again at once. */
  #isRefusedByClock(error: Error, signedAtMs: number): boolean {
    return this.#clock.explains(error.name, signedAtMs) && !leavesDoubt(failureOf(error));
  }

  /** Returns a new pattern whenever the SDK renews the credentials, which it does shortly before they expire. */
  async #currentPattern(): Promise<RequestPattern> {
    const identity = await this.#sdk.config.credentials();
    if (this.#pattern?.isFor(identity)) return this.#pattern;
    this.#taking ??= RequestPattern.take(this.#connection, identity, this.#sample).finally(() => {
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
