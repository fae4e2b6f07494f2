/** Bytes before each record, by which a consumer finds its schema. Plain data. */
export type Framing =
  | { readonly kind: 'confluent'; readonly schemaId: number }
  | { readonly kind: 'glue'; readonly schemaVersion: string };

const GLUE_HEADER_VERSION = 3;
const GLUE_NO_COMPRESSION = 0;

/**
 * Confluent's Schema Registry: a zero byte, and the schema's id in four bytes. AWS Glue's: its header version, the
 * compression, and the 16 bytes of the schema version's UUID.
 */
export function framingBytes(framing: Framing | undefined): Buffer {
  if (framing === undefined) return Buffer.alloc(0);
  if (framing.kind === 'glue') {
    const version = Buffer.from(framing.schemaVersion.replaceAll('-', ''), 'hex');
    return Buffer.concat([Buffer.of(GLUE_HEADER_VERSION, GLUE_NO_COMPRESSION), version]);
  }
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(framing.schemaId, 1);
  return bytes;
}
