import type { StreamAddress } from '../client/client.js';
import type { BodyWriter } from './body-writer.js';
import { CborBodyWriter } from './cbor/body-writer.js';
import { readCborResults } from './cbor/results.js';
import { JsonBodyWriter } from './json/body-writer.js';
import { readJsonResults } from './json/results.js';
import type { Results } from './results.js';

/** The formats that the service accepts for PutRecords. It responds in the same format. */
export type WireName = 'cbor' | 'json';

export interface Wire {
  /** The format's name in messages. */
  readonly label: string;
  readonly contentType: string;
  writerFor(stream: StreamAddress): BodyWriter;

  /**
   * Reads a response to PutRecords.
   *
   * @throws SyntaxError for a malformed response or another format
   */
  readResults(body: Buffer): Results;
}

export const WIRES: Readonly<Record<WireName, Wire>> = {
  cbor: {
    label: 'CBOR',
    contentType: 'application/x-amz-cbor-1.1',
    writerFor: (stream) => new CborBodyWriter(stream),
    readResults: readCborResults,
  },
  json: {
    label: 'JSON',
    contentType: 'application/x-amz-json-1.1',
    writerFor: (stream) => new JsonBodyWriter(stream),
    readResults: readJsonResults,
  },
};
