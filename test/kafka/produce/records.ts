import type { OutgoingRecord } from '../../../src/target/target.js';

export interface PlainRecord {
  readonly key?: Buffer;
  readonly value: Buffer;
  /** JSON. */
  readonly headers?: string;
  readonly recordedAtMs?: number;
}

/** Records as a worker passes them to a target: ranges of one buffer, with other bytes between. */
export function outgoing(records: readonly PlainRecord[]): OutgoingRecord[] {
  const gap = Buffer.from('…');
  const pieces: Buffer[] = [gap];
  let at = gap.length;
  const put = (bytes: Buffer): readonly [number, number] => {
    const start = at;
    pieces.push(bytes, gap);
    at += bytes.length + gap.length;
    return [start, start + bytes.length];
  };
  const ranges = records.map(({ key, value, headers, recordedAtMs = Number.NaN }) => {
    const [keyStart, keyEnd] = put(key ?? Buffer.alloc(0));
    const [dataStart, dataEnd] = put(value);
    const [attributesStart, attributesEnd] = headers === undefined ? [0, 0] : put(Buffer.from(headers));
    return { keyStart, keyEnd, dataStart, dataEnd, attributesStart, attributesEnd, recordedAtMs };
  });
  const source = Buffer.concat(pieces);
  return ranges.map((range) => ({ source, ...range }));
}

/** `count` records with different keys and values. */
export function numbered(count: number, name = 'value'): OutgoingRecord[] {
  return outgoing(
    Array.from({ length: count }, (_, i) => ({ key: Buffer.from(`key ${i}`), value: Buffer.from(`${name} ${i}`) })),
  );
}
