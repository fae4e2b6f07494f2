import { isUtf8 } from 'node:buffer';
import type { RecordFormat } from '../config/tail-options.js';
import { formatKloadRecord } from '../core/kload-record.js';
import type { StreamRecord } from '../core/stream-record.js';
import { isTerminalText, terminalText } from '../system/terminal-text.js';
import { RawLines, StreamLines } from './stream-lines.js';

/** Formats records for output, each with its line feed. The result is valid until the next call. */
export type FormatRecords = (batch: readonly StreamRecord[]) => string | Uint8Array;

type FormatRecord = (record: StreamRecord) => string;

/**
 * @param topic  the topic that the records are from; undefined: they are from a stream
 * @param colors whether text is coloured; colours never carry information of their own
 */
export function recordFormatter(format: RecordFormat, topic: string | undefined, colors: boolean): FormatRecords {
  switch (format) {
    case 'text':
      return eachBy(textLine(colors));
    case 'ndjson':
      return topic === undefined ? linesBy(new StreamLines()) : eachBy(topicLine(topic));
    case 'raw':
      return linesBy(new RawLines());
  }
}

function eachBy(format: FormatRecord): FormatRecords {
  return (batch) => batch.map(format).join('');
}

function linesBy(lines: StreamLines | RawLines): FormatRecords {
  return (batch) => lines.linesOf(batch);
}

function topicLine(topic: string): FormatRecord {
  return ({ key, data, headers, arrivedAtMs, shardId, sequenceNumber }) => {
    const position = { topic, partition: Number(shardId), offset: Number(sequenceNumber) };
    return formatKloadRecord({ key, data, headers, recordedAtMs: arrivedAtMs, ...position });
  };
}

/** Shown for a Kafka record without a key or a value. */
const NONE = 'null';
const NO_TIME = '-'.padEnd(24);
/** ECMA-48 sequences that turn a style on and off. */
const DIM = ['\u001b[2m', '\u001b[22m'] as const;
const BOLD = ['\u001b[1m', '\u001b[22m'] as const;
/** Cyan, magenta, green, blue, yellow. */
const SHARD_COLORS = [36, 35, 32, 34, 33].map((code) => [`\u001b[${code}m`, '\u001b[39m'] as const);

/** Writes time of arrival, shard, key and data in columns that widen for longer values. */
function textLine(colors: boolean): FormatRecord {
  const paint = ([on, off]: readonly [string, string], text: string) => (colors ? `${on}${text}${off}` : text);
  let shardWidth = 1;
  let keyWidth = 1;
  return ({ shardId, key, data, arrivedAtMs }) => {
    const time = Number.isNaN(arrivedAtMs) ? NO_TIME : new Date(arrivedAtMs).toISOString();
    const shard = shortShardId(shardId);
    const shownKey = printableKey(key);
    shardWidth = Math.max(shardWidth, shard.length);
    keyWidth = Math.max(Math.min(KEY_WIDTH_MAX, shownKey.length), keyWidth);
    const color = SHARD_COLORS[(Number.parseInt(shard, 10) || 0) % SHARD_COLORS.length]!;
    const columns = [
      paint(DIM, time),
      paint(color, shard.padStart(shardWidth)),
      paint(BOLD, shownKey.padEnd(keyWidth)),
      data === null ? paint(DIM, NONE) : printableData(data),
    ];
    return `${columns.join('  ')}\n`;
  };
}

/** A longer key does not widen its column, but moves the data in its own line. */
const KEY_WIDTH_MAX = 20;

/** Shortens shardId-000000000012 to 12. */
export function shortShardId(shardId: string): string {
  return /^shardId-0*(\d+)$/.exec(shardId)?.[1] ?? printable(shardId);
}

const LINE_WHITESPACE = /[\t\r\n]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\t': '\t', '\r': '\\r', '\n': '\\n' };

/** Shows data in one line: printable text without its final line feed, anything else in base64. */
export function printableData(data: Uint8Array): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (isUtf8(bytes)) {
    const text = bytes.toString().replace(/\r?\n$/, '');
    if (isTerminalText(text.replaceAll(LINE_WHITESPACE, ''))) {
      return text.replaceAll(LINE_WHITESPACE, (char) => ESCAPES[char] ?? char);
    }
  }
  return `base64:${bytes.toString('base64')}`;
}

/** Shows a key that is not valid UTF-8 like such data, in base64. */
export function printableKey(key: string | Uint8Array | null): string {
  if (key === null) return NONE;
  if (typeof key === 'string') return printable(key);
  return isUtf8(key) ? printable(Buffer.from(key).toString()) : printableData(key);
}

/** Shows text as it is, or as a JSON string if it contains unprintable characters. */
function printable(text: string): string {
  return isTerminalText(text) ? text : terminalText(JSON.stringify(text));
}
