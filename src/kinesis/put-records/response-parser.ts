/** A larger head is malformed. */
const HEAD_BYTES_MAX = 64 * 1024;
/** 500 results take 60 kB. A page of records has 10 MiB at most, which base64 and 10,000 keys may double. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;
const BODY_BYTES_INITIAL = 64 * 1024;
/** A larger buffer is not kept for the next response. */
const BODY_BYTES_KEPT_MAX = 4 * 1024 * 1024;
/** The limit on a line with a chunk's size and extensions. */
const CHUNK_LINE_BYTES_MAX = 4096;

const LINE_FEED = 0x0a;
const STATUS_LINE = /^HTTP\/(1\.[01]) ([1-9]\d\d)(?: [^\r\n]*)?$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/;

/** A response over HTTP/1.x. */
export interface HttpResponse {
  readonly status: number;
  /** Names are in lower case. The values of a repeated header are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  /** Part of the parser's buffer, which the next response overwrites. */
  readonly body: Buffer;
  /** Whether the connection can take another request. */
  readonly isKeptAlive: boolean;
}

/** Thrown for bytes that are not an HTTP response. */
export class MalformedResponseError extends Error {
  readonly code = 'EBADRESPONSE';
}

/**
 * Reads one response from a connection, whose bytes may arrive in pieces of any size. Strict wherever two readers could
 * disagree on where the response ends, because the connection would then be unusable for another request.
 */
export class ResponseParser {
  #state: 'head' | 'length' | 'chunk-line' | 'chunk' | 'chunk-end' | 'trailers' | 'close' | 'done' = 'head';
  #line = '';
  #headBytes = 0;
  #headLines: string[] = [];
  #status = 0;
  #version = '';
  #headers = new Map<string, string>();
  #body = Buffer.allocUnsafe(BODY_BYTES_INITIAL);
  #bodyBytes = 0;
  /** The bytes that are missing from the body or from the chunk. */
  #bytesLeft = 0;

  /** True before the first byte of a response. */
  get isFresh(): boolean {
    return this.#state === 'head' && this.#headBytes === 0;
  }

  /** Prepares for the next response. */
  reset(): void {
    this.#state = 'head';
    this.#line = '';
    this.#headBytes = 0;
    this.#headLines = [];
    this.#bodyBytes = 0;
    if (this.#body.length > BODY_BYTES_KEPT_MAX) this.#body = Buffer.allocUnsafe(BODY_BYTES_INITIAL);
  }

  /**
   * Reads the next bytes of the connection.
   *
   * @returns whether the response is complete
   * @throws MalformedResponseError
   */
  read(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'length' || this.#state === 'chunk' || this.#state === 'close')
        at = this.#readBody(bytes, at);
      else at = this.#readLine(bytes, at);
    }
    // There was only one request, so bytes after the response make the connection unusable.
    if (at < bytes.length) this.#headers.set('connection', 'close');
    return this.#state === 'done';
  }

  /** Notes the end of the connection, and returns whether it completes the response. */
  end(): boolean {
    if (this.#state === 'close') this.#state = 'done';
    return this.#state === 'done';
  }

  /** The response, once it is complete. */
  get response(): HttpResponse {
    const connection = (this.#headers.get('connection') ?? '').toLowerCase();
    const words = connection.split(/[ ,]+/);
    return {
      status: this.#status,
      headers: this.#headers,
      body: this.#body.subarray(0, this.#bodyBytes),
      isKeptAlive: this.#version === '1.1' ? !words.includes('close') : words.includes('keep-alive'),
    };
  }

  #readBody(bytes: Buffer, at: number): number {
    const count = Math.min(bytes.length - at, this.#bytesLeft);
    if (this.#bodyBytes + count > BODY_BYTES_MAX)
      throw new MalformedResponseError('the response is larger than 32 MiB');
    if (this.#bodyBytes + count > this.#body.length) this.#grow(this.#bodyBytes + count);
    bytes.copy(this.#body, this.#bodyBytes, at, at + count);
    this.#bodyBytes += count;
    this.#bytesLeft -= count;
    if (this.#bytesLeft === 0) this.#state = this.#state === 'length' ? 'done' : 'chunk-end';
    return at + count;
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#body.length));
    this.#body.copy(grown, 0, 0, this.#bodyBytes);
    this.#body = grown;
  }

  #readLine(bytes: Buffer, at: number): number {
    const found = bytes.indexOf(LINE_FEED, at);
    const end = found < 0 ? bytes.length : found + 1;
    this.#headBytes += end - at;
    const isTooLong = this.#line.length + end - at > CHUNK_LINE_BYTES_MAX && this.#state.startsWith('chunk');
    if (this.#headBytes > HEAD_BYTES_MAX || isTooLong)
      throw new MalformedResponseError('the head of the response is too long');
    this.#line += bytes.toString('latin1', at, end);
    if (found < 0) return end;
    const line = this.#line.replace(/\r?\n$/, '');
    this.#line = '';
    this.#takeLine(line);
    return end;
  }

  #takeLine(line: string): void {
    if (this.#state === 'head') {
      if (line !== '') this.#headLines.push(line);
      // Some servers write an extra empty line after a body.
      else if (this.#headLines.length > 0) this.#takeHead();
    } else if (this.#state === 'chunk-line') {
      const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(line)?.[1];
      if (size === undefined) throw new MalformedResponseError('malformed chunk size in the response');
      this.#bytesLeft = Number.parseInt(size, 16);
      this.#state = this.#bytesLeft === 0 ? 'trailers' : 'chunk';
    } else if (this.#state === 'chunk-end') {
      if (line !== '') throw new MalformedResponseError('a chunk of the response is longer than its size');
      // Do not add up the lines between chunks, of which a response may have many.
      this.#headBytes = 1;
      this.#state = 'chunk-line';
    } else if (line === '') {
      this.#state = 'done';
    }
  }

  #takeHead(): void {
    const [first = '', ...lines] = this.#headLines;
    const status = STATUS_LINE.exec(first);
    if (status === null) throw new MalformedResponseError('the server does not speak HTTP/1.1');
    this.#version = status[1]!;
    this.#status = Number(status[2]);
    this.#headLines = [];
    this.#headers = headersIn(lines);
    if (this.#status === 101) throw new MalformedResponseError('the response switches protocols');
    // The final response follows after an interim one such as 100 Continue.
    if (this.#status < 200) return;
    this.#expectBody();
  }

  #expectBody(): void {
    const encoding = this.#headers.get('transfer-encoding');
    const length = this.#headers.get('content-length');
    if (encoding !== undefined && length !== undefined) {
      throw new MalformedResponseError('the response has both a length and chunks');
    }
    if (this.#status === 204 || this.#status === 304) {
      this.#state = 'done';
    } else if (encoding !== undefined) {
      if (encoding.toLowerCase() !== 'chunked')
        throw new MalformedResponseError(`the response has transfer encoding '${encoding}'`);
      this.#state = 'chunk-line';
    } else if (length !== undefined) {
      if (!/^\d{1,15}$/.test(length)) throw new MalformedResponseError(`malformed response length '${length}'`);
      this.#bytesLeft = Number(length);
      if (this.#bytesLeft > BODY_BYTES_MAX) throw new MalformedResponseError('the response is larger than 32 MiB');
      this.#state = this.#bytesLeft === 0 ? 'done' : 'length';
    } else {
      this.#bytesLeft = Number.POSITIVE_INFINITY;
      this.#headers.set('connection', 'close');
      this.#state = 'close';
    }
  }
}

function headersIn(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const found = HEADER_LINE.exec(line);
    if (found === null) throw new MalformedResponseError('malformed response header');
    const name = found[1]!.toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? found[2]! : `${before}, ${found[2]}`);
  }
  return headers;
}
