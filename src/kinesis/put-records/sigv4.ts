import { createHmac, hash } from 'node:crypto';

/** Whose signature, and for what: what a signing key is made from, but for the day. */
export interface SigningScope {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

/** What is signed of a request. */
export interface SignedParts {
  readonly method: string;
  /** As canonical requests write it: encoded twice. */
  readonly canonicalPath: string;
  readonly canonicalQuery: string;
  /** `name:value` of each signed header, names in lower case, sorted. */
  readonly canonicalHeaders: readonly string[];
  /** The same names, with semicolons between. */
  readonly signedHeaders: string;
  /** SHA-256, in hex. */
  readonly payloadHash: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Signs requests by Signature Version 4. Making the key takes four HMACs, so it is kept for its day. */
export class SigV4 {
  readonly #scope: SigningScope;
  #day = '';
  #key: Buffer = Buffer.alloc(0);

  constructor(scope: SigningScope) {
    this.#scope = scope;
  }

  /**
   * @param date as `amzDate` writes it
   * @returns the Authorization header
   */
  authorization(parts: SignedParts, date: string): string {
    const { accessKeyId, region, service } = this.#scope;
    const day = date.slice(0, 8);
    if (day !== this.#day) {
      this.#key = this.#keyOf(day);
      this.#day = day;
    }
    const { method, canonicalPath, canonicalQuery, canonicalHeaders, signedHeaders, payloadHash } = parts;
    const headers = canonicalHeaders.join('\n');
    const canonical = `${method}\n${canonicalPath}\n${canonicalQuery}\n${headers}\n\n${signedHeaders}\n${payloadHash}`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const toSign = `${ALGORITHM}\n${date}\n${scope}\n${sha256Hex(canonical)}`;
    const signature = createHmac('sha256', this.#key).update(toSign).digest('hex');
    return `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  }

  #keyOf(day: string): Buffer {
    const { secretAccessKey, region, service } = this.#scope;
    let key: Buffer | string = `AWS4${secretAccessKey}`;
    for (const part of [day, region, service, 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
    return key as Buffer;
  }
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

let lastSecond = Number.NaN;
let lastDate = '';

/** '20261122T070717Z'. Made once a second. */
export function amzDate(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== lastSecond) {
    lastDate = `${new Date(second * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
    lastSecond = second;
  }
  return lastDate;
}
