import { cbor } from '@smithy/core/cbor';
import { cborInSomeForm, type Draw } from './cbor-forms.js';
import { randomFrom } from './random.js';

/** Damages responses to PutRecords. */

export type Wire = 'cbor' | 'json';

/** How many responses to damage, and the random seed. Set `KLOAD_FUZZ_RESPONSES` for a longer search. */
export const DAMAGED_RESPONSES = Number(process.env.KLOAD_FUZZ_RESPONSES ?? 200);
export const DAMAGE_SEED = Number(process.env.KLOAD_FUZZ_SEED ?? 1);

interface Result {
  SequenceNumber?: string | null;
  ShardId?: string | null;
  ErrorCode?: string | null;
  ErrorMessage?: string;
  [other: string]: unknown;
}

export interface PutRecordsOutput {
  FailedRecordCount: number;
  Records: Result[];
  [other: string]: unknown;
}

export interface Response {
  readonly status: string;
  readonly body: Buffer;
}

const TYPES = { cbor: 'application/x-amz-cbor-1.1', json: 'application/x-amz-json-1.1' };
const ACCEPTED: Result = { SequenceNumber: '4'.repeat(56), ShardId: 'shardId-000000000000' };
const REFUSED: Result = { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' };

const STATUSES = [
  ...['500 Internal Server Error', '502 Bad Gateway', '503 Service Unavailable', '504 Gateway Timeout'],
  ...['520 Unknown Error', '600 Odd', '302 Found', '400 Bad Request', '403 Forbidden', '404 Not Found'],
  ...['408 Request Timeout', '413 Content Too Large', '429 Too Many Requests', '499 Client Closed Request'],
];
const PAGES = [
  ...['{"message":"Endpoint request timed out"}', '{"message":null}', '{"code":504,"message":"late"}', '{}', '[]'],
  ...['', '<html><body>Bad gateway</body></html>', 'upstream connect error', '"late"', '{"__type":7}'],
];
const FAILURES = ['{"__type":"InternalFailure","message":"m"}', '{"__type":"ServiceUnavailable","message":"m"}'];

/** Each turns a correct response into a wrong one. The response may have only accepted or only refused records. */
const ALTERATIONS: readonly ((output: PutRecordsOutput, draw: Draw) => void)[] = [
  // The results contradict FailedRecordCount.
  ({ Records }, draw) => Records.splice(draw(Records.length), 1, { ...ACCEPTED }),
  ({ Records }, draw) => Records.splice(draw(Records.length), 1, { ...REFUSED }),
  (output, draw) => {
    output.FailedRecordCount += 1 + draw(3);
  },
  (output) => {
    output.FailedRecordCount = output.FailedRecordCount === 0 ? output.Records.length : 0;
  },
  (output) => {
    output.Records = output.Records.map(() => ({ ...ACCEPTED }));
    output.FailedRecordCount = 1;
  },
  // There are too many or too few results.
  ({ Records }, draw) => Records.splice(draw(Records.length), 1),
  ({ Records }, draw) => Records.splice(draw(Records.length), 0, { ...ACCEPTED }),
  (output) => {
    output.Records = [];
  },
  // A result is malformed.
  ({ Records }, draw) => renameIn(Records[draw(Records.length)]!),
  ({ Records }, draw) => Records.splice(draw(Records.length), 1, {}),
  ({ Records }, draw) => Object.assign(Records[draw(Records.length)]!, { ...ACCEPTED, ErrorCode: 'E' }),
  ({ Records }, draw) => Object.assign(Records[draw(Records.length)]!, { SequenceNumber: '', ErrorCode: null }),
  ({ Records }, draw) => Object.assign(Records[draw(Records.length)]!, { SequenceNumber: null, ErrorCode: null }),
  ({ Records }, draw) => Object.assign(Records[draw(Records.length)]!, { SequenceNumber: 49, ErrorCode: 7 }),
];

/** Makes damaged responses. The connection is to be closed after each. */
export class Damager {
  /** Describes the last damage, for the message of a failing test. */
  what = '';
  readonly #wire: Wire;
  readonly #random: () => number;
  readonly #draw: Draw;

  constructor(wire: Wire, seed: number) {
    this.#wire = wire;
    this.#random = randomFrom(seed);
    this.#draw = (n) => Math.floor(this.#random() * n);
  }

  /** @param response the correct response to the request */
  damaged(response: Response): Buffer {
    const damages = [
      () => this.#flipped(rawOf(response, this.#wire), 0),
      () => this.#flipped(rawOf(response, this.#wire), rawOf(response, this.#wire).length - response.body.length),
      () => this.#cut(rawOf(response, this.#wire)),
      () => rawOf({ ...response, body: this.#cut(response.body) }, this.#wire),
      () => rawOf({ ...response, body: this.#flipped(this.#cut(response.body), 0) }, this.#wire),
      () => this.#page(STATUSES[this.#draw(STATUSES.length)]!, PAGES[this.#draw(PAGES.length)]!),
      () => this.#page(STATUSES[this.#draw(STATUSES.length)]!, PAGES[this.#draw(PAGES.length)]!),
      () => this.#page(STATUSES[this.#draw(5)]!, FAILURES[this.#draw(FAILURES.length)]!),
      () => this.#page('200 OK', PAGES[this.#draw(PAGES.length)]!),
      () => this.#altered(response),
      () => this.#altered(response),
      () => this.#altered(response),
    ];
    return damages[this.#draw(damages.length)]!();
  }

  #flipped(bytes: Buffer, from: number): Buffer {
    const flipped = Buffer.from(bytes);
    if (flipped.length === from) return flipped;
    const at = from + this.#draw(flipped.length - from);
    const bit = this.#draw(8);
    flipped[at]! ^= 1 << bit;
    this.what = `bit ${bit} of byte ${at} flipped`;
    return flipped;
  }

  #cut(bytes: Buffer): Buffer {
    const length = this.#draw(bytes.length + 1);
    this.what = `${length} of ${bytes.length} bytes`;
    return bytes.subarray(0, length);
  }

  #page(status: string, body: string): Buffer {
    this.what = `${status}: ${body}`;
    return rawOf({ status, body: Buffer.from(body) }, this.#wire);
  }

  #altered(response: Response): Buffer {
    if (!response.status.startsWith('200')) return this.#cut(rawOf(response, this.#wire));
    const output = decoded(response.body, this.#wire);
    const index = this.#draw(ALTERATIONS.length);
    this.what = `alteration ${index}`;
    ALTERATIONS[index]!(output, this.#draw);
    return rawOf({ ...response, body: this.#inSomeForm(output) }, this.#wire);
  }

  #inSomeForm(output: PutRecordsOutput): Buffer {
    if (this.#draw(2) === 0) return encoded(output, this.#wire);
    return this.#wire === 'json' ? Buffer.from(JSON.stringify(output, null, 1)) : cborInSomeForm(output, this.#draw);
  }
}

/** Encodes a response body as the service does. */
export function encoded(output: PutRecordsOutput, wire: Wire): Buffer {
  return Buffer.from(wire === 'json' ? JSON.stringify(output) : cbor.serialize(output));
}

function decoded(body: Buffer, wire: Wire): PutRecordsOutput {
  return wire === 'json' ? JSON.parse(body.toString()) : cbor.deserialize(body);
}

export function rawOf({ status, body }: Response, wire: Wire): Buffer {
  const head = [`HTTP/1.1 ${status}`, `Content-Type: ${TYPES[wire]}`, `Content-Length: ${body.length}`];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

function renameIn(result: Result): void {
  const name = result.ErrorCode === undefined ? 'SequenceNumber' : 'ErrorCode';
  result[name.replace('e', 'd')] = result[name];
  delete result[name];
}
