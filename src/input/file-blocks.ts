import { CR, LF, SPACE } from '../bytes/ascii.js';
import { KloadError } from '../core/errors.js';
import type { RecordBlock } from '../core/record.js';
import type { ByteReader, Tally } from './bytes/byte-reader.js';
import { afterMark, MAGIC_BYTES_MAX, MARK_FIRST, unreadableKind } from './bytes/file-start.js';
import { openBytes } from './bytes/open-bytes.js';
import type { Window } from './bytes/window.js';
import type { FileHead } from './format.js';
import { createParser } from './formats.js';
import { fileLabel, type InputOptions, type InputSurroundings, RECORD_SOURCE_BYTES_MAX } from './input-options.js';
import { isJsonDocuments } from './json/json-documents.js';
import type { RecordParser } from './record-parser.js';

/** What is used for one file after another. */
export interface Workspace {
  readonly block: RecordBlock;
  readonly window: Window;
  readonly tally: Tally;
}

/**
 * The records of one file. The records of a chunk are yielded before the next chunk is read, so that records typed into
 * a pipe are sent at once.
 *
 * @param opened gets the parser, which says how the file is read
 * @throws KloadError `input` where reading can't continue; an incomplete record there is not yielded
 */
export async function* fileBlocks(
  file: string,
  options: InputOptions,
  surroundings: InputSurroundings,
  { block, window, tally }: Workspace,
  opened: (parser: RecordParser) => void,
): AsyncGenerator<RecordBlock, void> {
  const label = fileLabel(file);
  const reader = await openBytes(file, surroundings, tally);
  try {
    window.clear();
    const parser = createParser(await readHead(window, reader, file), options);
    opened(parser);
    for (let final = false; ; final = !(await window.fill(reader))) {
      yield* parseWindow(parser, window, final, label, { block, tally });
      if (final) break;
      if (window.length >= RECORD_SOURCE_BYTES_MAX) yield* skipRecord(parser, window, reader, label, block);
    }
    if (parser.records === 0) throw new KloadError('input', `${label} ${parser.emptyReason()}`);
  } finally {
    await reader.close();
  }
}

/** Yields the records in the window. The bytes of an incomplete one stay there. */
function* parseWindow(
  parser: RecordParser,
  window: Window,
  final: boolean,
  label: string,
  { block, tally }: Pick<Workspace, 'block' | 'tally'>,
) {
  let before: number;
  do {
    before = window.start;
    block.reset(label, window.bytes);
    window.start = parser.parse(window.bytes, before, window.end, final, block);
    tally.took(window.start - before, window.length);
    if (!block.empty) yield block;
  } while (window.start > before);
}

/** Yields a bad record in place of one that does not fit into memory, and skips to the end of it. */
async function* skipRecord(
  parser: RecordParser,
  window: Window,
  reader: ByteReader,
  label: string,
  block: RecordBlock,
): AsyncGenerator<RecordBlock, void> {
  const megabytes = RECORD_SOURCE_BYTES_MAX / 1024 / 1024;
  block.reset(label, window.bytes);
  block.addBad(
    parser.line,
    `a record of more than ${megabytes} MiB begins here: is there a quote that is never closed?`,
  );
  yield block;
  const skipper = parser.skipRecord();
  let end = skipper.skip(window.bytes, window.start, window.end);
  while (end < 0) {
    window.clear();
    if (!(await window.fill(reader))) return;
    end = skipper.skip(window.bytes, window.start, window.end);
  }
  parser.line += skipper.lines;
  window.start = end;
}

/** Lines end in CR where this much text holds a CR and no LF. */
const CR_TEXT_BYTES = 64 * 1024;

/** Reads until the first line that is not blank is complete, and skips a byte order mark. */
async function readHead(window: Window, reader: ByteReader, file: string): Promise<FileHead> {
  const label = fileLabel(file);
  let more = true;
  let at = -1;
  let lineEnd = LF;
  while (more && at < 0 && window.length < RECORD_SOURCE_BYTES_MAX) {
    more = await window.fill(reader);
    const text = window.bytes.subarray(0, window.end);
    at = endOfFirstLine(text, LF);
    if (at >= 0 || (more && text.length < CR_TEXT_BYTES)) continue;
    at = endOfFirstLine(text, CR);
    // A CR at the end may be followed by a LF.
    if (at >= 0 && (at + 1 < text.length || !more)) lineEnd = CR;
    else at = -1;
  }
  // Only the whole of a JSON document is worth waiting for.
  while (more && at >= 0 && isBlankFrom(window, at) && isOneDocument(window, at)) more = await window.fill(reader);
  const { bytes, end } = window;
  const kind = unreadableKind(bytes.subarray(0, Math.min(end, MAGIC_BYTES_MAX)));
  if (kind !== undefined) throw new KloadError('input', `${label} is ${kind.what}`, kind.hint);
  window.start = Math.max(0, afterMark(bytes, 0, end, true));
  const firstLine = bytes.toString('utf8', window.start, at < 0 ? end : at);
  const isLone = !more && (at < 0 || isBlankFrom(window, at));
  const extension = /\.([^./]+)$/.exec(file.toLowerCase().replace(/\.(gz|zst)$/, ''))?.[1] ?? '';
  return { label, extension, bytes: bytes.subarray(window.start, end), firstLine, isLone, lineEnd };
}

function isBlankFrom({ bytes, end }: Window, from: number): boolean {
  let at = from;
  while (at < end && bytes[at]! <= SPACE) at++;
  return at === end;
}

function isOneDocument({ bytes, end }: Window, to: number): boolean {
  const line = bytes.toString('utf8', Math.max(0, afterMark(bytes, 0, end, true)), to);
  return isJsonDocuments(Buffer.from(line), line, true);
}

/** The end of the first line that is not blank; -1 if there is none. */
function endOfFirstLine(text: Buffer, lineEnd: number): number {
  let at = text[0] === MARK_FIRST ? 3 : 0;
  while (at < text.length && text[at]! <= SPACE) at++;
  return at < text.length ? text.indexOf(lineEnd, at) : -1;
}
