import { createHmac, hash } from 'node:crypto';

/** The inputs of a signing key, except for the day. */
export interface SigningScope {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** The sizes of SHA-256's blocks and of its result. */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
/** A bound on date, scope and hash. Region and service are labels of a host name, of at most 63 bytes each. */
const TEXT_BYTES_MAX = 1024;

/** Signs requests by Signature Version 4. Keeps the signing key, which takes four HMACs to make, for a day. */
export class SigV4 {
  readonly #scope: SigningScope;
  #day = '';
  #dayScope = '';
  #hmac = new Hmac(Buffer.alloc(0));

  constructor(scope: SigningScope) {
    this.#scope = scope;
  }

  /**
   * @param canonicalRequest in the form that the specification of the signature defines
   * @param signedHeaders    the names of its headers, separated by semicolons
   * @param date             in the form of `amzDate`
   * @returns the Authorization header
   */
  authorization(canonicalRequest: string, signedHeaders: string, date: string): string {
    const day = date.slice(0, 8);
    if (day !== this.#day) this.#begin(day);
    const signature = this.#hmac.hex(`${ALGORITHM}\n${date}\n${this.#dayScope}\n${sha256Hex(canonicalRequest)}`);
    const credential = `${this.#scope.accessKeyId}/${this.#dayScope}`;
    return `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  }

  #begin(day: string): void {
    const { secretAccessKey, region, service } = this.#scope;
    let key = Buffer.from(`AWS4${secretAccessKey}`);
    for (const part of [day, region, service, 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
    this.#day = day;
    this.#dayScope = `${day}/${region}/${service}/aws4_request`;
    this.#hmac = new Hmac(key);
  }
}

/** HMAC-SHA-256 with one key: two hashes over reused buffers. Takes 1.5 us; node:crypto's createHmac 2.5 to 8. */
class Hmac {
  readonly #inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES_MAX);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

  /** @param key no longer than a block */
  constructor(key: Buffer) {
    for (let at = 0; at < BLOCK_BYTES; at++) {
      this.#inner[at] = 0x36 ^ (key[at] ?? 0);
      this.#outer[at] = 0x5c ^ (key[at] ?? 0);
    }
  }

  /** @param text ASCII */
  hex(text: string): string {
    const end = BLOCK_BYTES + this.#inner.write(text, BLOCK_BYTES, 'latin1');
    this.#outer.write(sha256Hex(this.#inner.subarray(0, end)), BLOCK_BYTES, 'hex');
    return sha256Hex(this.#outer);
  }
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

let lastSecond = Number.NaN;
let lastDate = '';

/** Formats a time as '20261122T070717Z'. Formats once per second. */
export function amzDate(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== lastSecond) {
    lastDate = `${new Date(second * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
    lastSecond = second;
  }
  return lastDate;
}
