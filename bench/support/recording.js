import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const HEADER = '.http.request.body,.ts,RRPair UUID\n';
const BLOCK_ROWS = 16_384;
const FIRST_AT_MS = Date.UTC(2025, 0, 1);
const ROW_EVERY_MS = 2;
const SHOPS = ['north', 'south', 'east', 'west'];

/**
 * Writes a CSV file as a traffic recorder would: a JSON body of about 150 bytes, quoted, with its quotes doubled; when
 * it was recorded; an id. The same block of rows comes again and again until the file has at least `bytes`.
 * @param {string} path
 * @param {number} bytes
 */
export async function writeRecording(path, bytes) {
  const block = Buffer.from(Array.from({ length: BLOCK_ROWS }, (_, row) => rowText(row)).join(''));
  function* chunks() {
    yield Buffer.from(HEADER);
    for (let written = HEADER.length; written < bytes; written += block.length) yield block;
  }
  await pipeline(Readable.from(chunks(), { highWaterMark: 1 }), createWriteStream(path));
}

/** @param {number} row */
function rowText(row) {
  const body = JSON.stringify({
    order: 1_000_000 + row,
    customer: `customer-${(row * 7919) % 10_000}`,
    shop: SHOPS[row % SHOPS.length],
    total: ((row * 37) % 90_000) / 100,
    note: 'leave it at the "blue" door, please',
    items: [row % 97, row % 89, row % 83],
  });
  const at = new Date(FIRST_AT_MS + row * ROW_EVERY_MS).toISOString();
  return `"${body.replaceAll('"', '""')}",${at},${randomUUID()}\n`;
}
