import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const BLOCK_ROWS = 16_384;
const FIRST_AT_MS = Date.UTC(2025, 0, 1);
const ROW_EVERY_MS = 2;
const SHOPS = ['north', 'south', 'east', 'west'];

export interface RecordingKind {
  readonly header: string;
  readonly row: (row: number) => string;
}

/** The format of a traffic recorder: a JSON body of about 150 bytes, its time, an id; 224 bytes in all. */
export const QUOTED_CSV: RecordingKind = {
  header: '.http.request.body,.ts,RRPair UUID\n',
  row: (row) => quotedRow(row, order(row)),
};

/** The same with a shorter body: 150 bytes in all. */
export const SHORT_CSV: RecordingKind = {
  header: QUOTED_CSV.header,
  row: (row) => {
    const { note: _note, items: _items, ...short } = order(row);
    return quotedRow(row, short);
  },
};

/** The same with a body that needs no quotes. */
export const PLAIN_CSV: RecordingKind = {
  header: QUOTED_CSV.header,
  row: (row) => {
    const body = Object.entries(order(row)).map(([name, value]) => `${name}=${String(value).replaceAll(/[",]/g, ' ')}`);
    return `${body.join('; ')},${recordedAt(row)},${randomUUID()}\n`;
  },
};

/** About 200 bytes a line, with the key in a nested object. */
export const NDJSON: RecordingKind = {
  header: '',
  row: (row) => {
    const { order: number, customer, total, note, items } = order(row);
    const user = { name: customer, id: randomUUID() };
    return `${JSON.stringify({ order: number, at: recordedAt(row), user, total, note, items })}\n`;
  },
};

/**
 * Writes a recording of at least `bytes`, gzipped if the path ends in .gz. The same block of rows repeats with
 * increasing times.
 *
 * @param bytes the size before compression
 */
export async function writeRecording(path: string, bytes: number, { header, row }: RecordingKind = QUOTED_CSV) {
  const rows = Array.from({ length: BLOCK_ROWS }, (_, index) => row(index));
  const timesAt = rows.map((text, index) => Buffer.byteLength(text.slice(0, text.indexOf(recordedAt(index)))));
  function* chunks() {
    yield Buffer.from(header);
    let written = header.length;
    for (let first = 0; written < bytes; first += BLOCK_ROWS) {
      const block = Buffer.from(rows.join(''));
      let at = 0;
      for (const [index, text] of rows.entries()) {
        block.write(recordedAt(first + index), at + (timesAt[index] ?? 0), 'latin1');
        at += Buffer.byteLength(text);
      }
      written += block.length;
      yield block;
    }
  }
  const text = Readable.from(chunks(), { highWaterMark: 1 });
  const file = createWriteStream(path);
  await (path.endsWith('.gz') ? pipeline(text, createGzip(), file) : pipeline(text, file));
}

function quotedRow(row: number, body: object) {
  return `"${JSON.stringify(body).replaceAll('"', '""')}",${recordedAt(row)},${randomUUID()}\n`;
}

function order(row: number) {
  return {
    order: 1_000_000 + row,
    customer: `customer-${(row * 7919) % 10_000}`,
    shop: SHOPS[row % SHOPS.length],
    total: ((row * 37) % 90_000) / 100,
    note: 'leave it at the "blue" door, please',
    items: [row % 97, row % 89, row % 83],
  };
}

function recordedAt(row: number) {
  return new Date(FIRST_AT_MS + row * ROW_EVERY_MS).toISOString();
}
