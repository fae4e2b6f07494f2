import { cbor, tag } from '@smithy/core/cbor';
import { OPERATIONS } from '../../src/emulator/actions/operations.js';
import { randomFrom } from '../support/random.js';

/** Generates malformed requests, and bytes for connections: the same sequence for the same seed. */

export interface Malformed {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const JSON_TYPE = 'application/x-amz-json-1.1';
const CBOR_TYPE = 'application/x-amz-cbor-1.1';
const NAMES = [...OPERATIONS.keys()];
const MEMBERS = [
  'StreamName',
  'StreamARN',
  'StreamId',
  'ShardCount',
  'Records',
  'Data',
  'PartitionKey',
  'ExplicitHashKey',
  'ShardId',
  'ShardIterator',
  'ShardIteratorType',
  'Limit',
  'NextToken',
  'Tags',
  'TagKeys',
  'ResourceARN',
  'ConsumerARN',
  'Timestamp',
  'StartingPosition',
  'Type',
  'ShardFilter',
  'RetentionPeriodHours',
  'StreamModeDetails',
  'StreamMode',
  'Policy',
  '__proto__',
  'constructor',
  'ConsumerName',
  'TargetShardCount',
  'NewStartingHashKey',
  'ShardToSplit',
  'ShardLevelMetrics',
  'KeyId',
  'SequenceNumberForOrdering',
  'StartingSequenceNumber',
  'MaxResults',
  'ExclusiveStartStreamName',
];
const TEXTS = [
  's',
  '',
  'x'.repeat(300),
  'YQ==',
  'YQ',
  '=+/=',
  'shardId-000000000000',
  'TRIM_HORIZON',
  'LATEST',
  'AT_TIMESTAMP',
  'arn:aws:kinesis:us-east-1:000000000000:stream/s',
  '340282366920938463463374607431768211455',
  '0',
  '-1',
  'ü\u0000\ud800',
  '49590338271490256608559692538361571095921575989136588898',
];
const NUMBERS = [0, -1, 1, 1e300, -1e300, 2 ** 53, 0.5, 1e21, 1_760_000_000, -0];

export class Fuzz {
  /** At least 0, below 1. */
  readonly random: () => number;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  below(max: number): number {
    return Math.floor(this.random() * max);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  withProbability(probability: number): boolean {
    return this.random() < probability;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  }

  request(): Malformed {
    const contentType = this.of([
      JSON_TYPE,
      JSON_TYPE,
      JSON_TYPE,
      CBOR_TYPE,
      CBOR_TYPE,
      'application/json',
      'text/plain',
      '',
    ]);
    const headers: Record<string, string> = { 'content-type': contentType };
    if (this.withProbability(0.95)) headers['x-amz-target'] = this.#target();
    if (this.withProbability(0.95)) headers.authorization = this.#authorization();
    if (this.withProbability(0.95))
      headers['x-amz-date'] = this.of(['20260101T000000Z', '', '201', '99999999T999999Z']);
    if (this.withProbability(0.05)) headers.origin = this.text();
    const method = this.withProbability(0.97) ? 'POST' : this.of(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);
    const url = this.withProbability(0.95) ? '/' : this.#url();
    return { method, url, headers, body: this.#broken(this.#body(contentType)) };
  }

  text(): string {
    return this.withProbability(0.7) ? this.of(TEXTS) : this.bytes(this.below(20)).toString('latin1');
  }

  #target(): string {
    if (this.withProbability(0.95)) return `Kinesis_20131202.${this.of(NAMES)}`;
    return this.of(['Kinesis_20131202.', 'Kinesis_20131202.toString', '.', 'DynamoDB_20120810.ListTables', '']);
  }

  #authorization(): string {
    const whole =
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=00';
    if (this.withProbability(0.95)) return whole;
    return this.of([whole.slice(0, this.below(whole.length)), 'X', 'Credential=', whole.replaceAll('/', '//')]);
  }

  #url(): string {
    const query = this.of(['X-Amz-Algorithm', 'X-Amz-Credential=%', 'X-Amz-Date=%ff&&=', '', 'X-Amz-Expires=-1']);
    return this.of([`/?${query}`, `/a/../..?${query}&X-Amz-Algorithm=AWS4-HMAC-SHA256`, `/_kload/${query}`, '//', '*']);
  }

  #body(contentType: string): Buffer {
    if (this.withProbability(0.05)) return this.bytes(this.below(200));
    const value = this.withProbability(0.95) ? this.#structure(3) : this.#value(3);
    if (contentType === CBOR_TYPE) return Buffer.from(cbor.serialize(value));
    return Buffer.from(JSON.stringify(value, (_, member) => (member?.tag === 1 ? member.value : member)) ?? '');
  }

  #structure(depth: number): Record<string, unknown> {
    const entries = Array.from({ length: this.below(5) }, () => [this.of(MEMBERS), this.#value(depth - 1)]);
    return { ...(this.withProbability(0.5) ? { StreamName: 's' } : {}), ...Object.fromEntries(entries) };
  }

  #value(depth: number): unknown {
    const kind = this.below(depth > 0 ? 9 : 6);
    if (kind < 2) return this.text();
    if (kind === 2) return this.of(NUMBERS);
    if (kind === 3) return this.of([true, false, null]);
    if (kind === 4) return tag({ tag: 1, value: this.of([0, 1, 1_760_000_000_000, -5, 1.5]) });
    if (kind === 5) return this.text();
    if (kind === 6) return Array.from({ length: this.below(4) }, () => this.#value(depth - 1));
    return this.#structure(depth);
  }

  /** Half of the bodies stay intact, so that the values in them are tested, too. */
  #broken(body: Buffer): Buffer {
    if (this.withProbability(0.5) || body.length === 0) return body;
    const cut = this.withProbability(0.3) ? body.subarray(0, this.below(body.length)) : Buffer.from(body);
    for (let i = this.below(4); i > 0 && cut.length > 0; i--) cut[this.below(cut.length)] = this.below(256);
    return this.withProbability(0.2) ? Buffer.concat([cut, this.bytes(this.below(10))]) : cut;
  }

  /** Bytes for a connection: requests, frames and handshakes, whole, broken, cut off or mixed. */
  connection(): Buffer {
    const parts = Array.from({ length: 1 + this.below(3) }, () => this.#part());
    return this.#broken(Buffer.concat(parts));
  }

  /** A complete HTTP/1.1 request, which must get a response, sometimes followed by other bytes. */
  wholeRequest(): Buffer {
    const { method, url, headers, body } = this.request();
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [`${method} ${url} HTTP/1.1`, 'host: x', ...lines, `content-length: ${body.length}`, '', ''];
    const whole = Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), body]);
    return this.withProbability(0.5) ? whole : Buffer.concat([whole, this.#part()]);
  }

  #part(): Buffer {
    switch (this.below(6)) {
      case 0:
      case 1:
        return this.#http1();
      case 2:
      case 3:
        return this.#http2();
      case 4:
        return Buffer.concat([Buffer.from('160301', 'hex'), this.bytes(this.below(120))]);
      default:
        return this.bytes(this.below(120));
    }
  }

  #http1(): Buffer {
    const { method, url, headers, body } = this.request();
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const length = this.withProbability(0.8) ? body.length : this.of([0, 1, -1, 1e12, 'x', body.length + 5]);
    const framing = this.withProbability(0.9) ? `content-length: ${length}` : 'transfer-encoding: chunked';
    const head = [`${method} ${url} HTTP/1.${this.withProbability(0.9) ? 1 : 0}`, 'host: x', ...lines, framing, '', ''];
    return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), body]);
  }

  #http2(): Buffer {
    const frames = Array.from({ length: this.below(6) }, () => this.#frame());
    return Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), SETTINGS, ...frames]);
  }

  #frame(): Buffer {
    const payload = this.withProbability(0.5) ? this.bytes(this.below(30)) : HEADERS_BLOCK;
    const length = this.withProbability(0.9) ? payload.length : this.below(1 << 24);
    const stream = this.of([0, 1, 1, 3, 5, 2, 0x7fffffff]);
    const head = Buffer.alloc(9);
    head.writeUIntBE(length, 0, 3);
    head[3] = this.of([0, 1, 1, 2, 3, 4, 6, 7, 8, 9, 250]);
    head[4] = this.of([0, 1, 4, 5, 0xff]);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  }
}

const SETTINGS = Buffer.from('000000040000000000', 'hex');
/** Header fields of the static table: `:method: POST`, `:path: /`, `:scheme: http`. */
const HEADERS_BLOCK = Buffer.from('838486', 'hex');
