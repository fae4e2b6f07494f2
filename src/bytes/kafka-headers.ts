import { isUtf8 } from 'node:buffer';

/** A header of a Kafka record. A record may have several headers with one name, and their order matters. */
export interface KafkaHeader {
  readonly name: string;
  /** Null is not the same as empty. */
  readonly value: Uint8Array | null;
}

/** A header's value in JSON: text, bytes that are not valid UTF-8, or null. */
type HeaderValueJson = string | null | { readonly base64: string };

/**
 * Headers in JSON: `{"name":"value","twice":["a","b"]}`, or `[["name","value"],…]` if an object would lose their order.
 * A value is a string, null, or `{"base64":"…"}` for bytes that are not valid UTF-8.
 */
export type KafkaHeadersJson =
  | Readonly<Record<string, HeaderValueJson | readonly HeaderValueJson[]>>
  | readonly (readonly [name: string, value: HeaderValueJson])[];

/**
 * The first byte of a Kafka record's attributes if the record has a null value, which empty data can't express. The
 * JSON of its headers follows, if it has any.
 */
export const NO_VALUE_MARK = '-';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** JavaScript objects do not keep the order of such names: they come first. */
const INDEX_LIKE = /^\d+$/;

export function kafkaHeadersJson(headers: readonly KafkaHeader[]): KafkaHeadersJson {
  const byName = new Map<string, HeaderValueJson[]>();
  let last: string | undefined;
  for (const { name, value } of headers) {
    const values = byName.get(name);
    const keepsOrder = (values === undefined || name === last) && !INDEX_LIKE.test(name);
    if (!keepsOrder) return headers.map((header) => [header.name, valueJson(header.value)] as const);
    if (values === undefined) byName.set(name, [valueJson(value)]);
    else values.push(valueJson(value));
    last = name;
  }
  return Object.fromEntries([...byName].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]));
}

/**
 * Reads headers from a JSON value. Accepts what `kafkaHeadersJson` makes, and also numbers and booleans, as their JSON
 * text.
 *
 * @returns the headers, or what is wrong with them, to be appended to the name of their place
 */
export function parseKafkaHeaders(json: unknown): readonly KafkaHeader[] | string {
  if (typeof json !== 'object' || json === null) return 'is not a JSON object of headers';
  const headers: KafkaHeader[] = [];
  for (const entry of Array.isArray(json) ? json : Object.entries(json)) {
    if (!Array.isArray(entry) || entry.length !== 2) return 'is a list whose entries are not all [name, value]';
    const [name, given] = entry as [unknown, unknown];
    if (typeof name !== 'string') return 'has a header whose name is not a string';
    for (const each of Array.isArray(given) ? given : [given]) {
      // JSON.parse has already rounded such a number, for example an id of 64 bits.
      if (Number.isInteger(each) && !Number.isSafeInteger(each)) {
        return `has a header '${name}' with a number beyond 2^53, which is not exact: make it a string`;
      }
      const value = valueBytes(each);
      if (value === undefined) return `has a header '${name}' that is not a string, number, boolean or null`;
      headers.push({ name, value });
    }
  }
  return headers;
}

function valueJson(value: Uint8Array | null): HeaderValueJson {
  if (value === null) return null;
  if (isUtf8(value)) return decoder.decode(value);
  return { base64: Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') };
}

/** Returns a value's bytes; undefined for a value that no header can have. */
function valueBytes(json: unknown): Uint8Array | null | undefined {
  if (json === null) return null;
  if (typeof json === 'string') return Buffer.from(json);
  if (typeof json === 'number' || typeof json === 'boolean') return Buffer.from(String(json));
  if (typeof json !== 'object' || Object.keys(json).length !== 1 || !('base64' in json)) return undefined;
  const { base64 } = json;
  return typeof base64 === 'string' && BASE64.test(base64) ? Buffer.from(base64, 'base64') : undefined;
}
