import { readCbor } from './cbor-reader.js';
import { writeCbor } from './cbor-writer.js';
import { errorOutput, readJson } from './json.js';
import type { BulkOutput, Output } from './output.js';
import type { ServiceError } from './service-error.js';
import type { StructureShape } from './shape.js';

export type FormatName = 'json' | 'cbor';

/** A wire format: reads requests, writes responses and errors. */
export interface Format {
  readonly name: FormatName;
  readonly contentType: string;
  /** Reads a request by its shape. Throws a SerializationException. */
  read(shape: StructureShape, body: Buffer): Record<string, unknown>;
  write(output: Output): string | Buffer;
  writeBulk(output: BulkOutput): Buffer;
  writeError(error: ServiceError): string | Buffer;
}

export const JSON_FORMAT: Format = {
  name: 'json',
  contentType: 'application/x-amz-json-1.1',
  read: readJson,
  write: (output) => JSON.stringify(output),
  writeBulk: (output) => output.toJsonBytes(),
  writeError: (error) => JSON.stringify(errorOutput(error)),
};

export const CBOR_FORMAT: Format = {
  name: 'cbor',
  contentType: 'application/x-amz-cbor-1.1',
  read: readCbor,
  write: writeCbor,
  writeBulk: (output) => output.toCborBytes(),
  writeError: (error) => writeCbor(errorOutput(error)),
};

const FORMATS: ReadonlyMap<string, Format> = new Map(
  [JSON_FORMAT, CBOR_FORMAT].map((format) => [format.contentType, format]),
);

/** @param contentType a Content-Type header, with or without parameters */
export function formatOf(contentType: string): Format | undefined {
  // Nearly all requests have the bare type: only other headers are parsed.
  return FORMATS.get(contentType) ?? FORMATS.get(mediaType(contentType));
}

export function mediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}
