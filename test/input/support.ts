import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect } from 'vitest';
import { KloadError } from '../../src/core/errors.js';
import { HASH_KEY_RECORDS, type RecordBlock, type RecordTraits, type Source } from '../../src/core/record.js';
import type { InputOptions } from '../../src/input/input-options.js';
import { openSource } from '../../src/input/open-source.js';

export interface ReadRecord {
  readonly data: string;
  readonly key: string | undefined;
  /** The explicit hash key, if there is one. */
  readonly hashKey?: string;
  readonly recordedAtMs: number;
  readonly line: number;
  readonly file: string;
}

export interface ReadResult {
  readonly records: ReadRecord[];
  /** `file:line: reason` */
  readonly bad: string[];
  /** What ended the reading. */
  readonly error: KloadError | undefined;
}

export interface Reading extends Partial<InputOptions> {
  readonly chunkBytes?: number;
  readonly stdin?: Readable;
}

export const KAFKA_RECORDS: RecordTraits = {
  keys: 'bytes',
  attributes: 'headers',
  attributesCount: true,
  keyless: 'none',
  nullData: true,
};

const directories = new Map<string | undefined, string>();

/** The directory of the current test file's inputs. */
function directory(): string {
  const { testPath } = expect.getState();
  const path = directories.get(testPath) ?? mkdtempSync(join(tmpdir(), 'kload-input-'));
  directories.set(testPath, path);
  return path;
}

/** Writes a file, and returns its path. */
export function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(directory(), name);
  writeFileSync(path, content);
  return path;
}

export function pathOf(name: string): string {
  return join(directory(), name);
}

export function open(
  files: readonly string[],
  { chunkBytes = 1024 * 1024, stdin, ...options }: Reading = {},
): Promise<Source> {
  const defaults = {
    format: 'auto',
    header: true,
    needsTimestamp: false,
    loop: false,
    traits: HASH_KEY_RECORDS,
  } as const;
  const full: InputOptions = { files, ...defaults, ...options };
  return openSource(full, { chunkBytes, stdin: () => stdin ?? process.stdin });
}

/** Reads files to the end. Paths are shown without their folder. */
export async function read(files: readonly string[], reading: Reading = {}): Promise<ReadResult> {
  const records: ReadRecord[] = [];
  const bad: string[] = [];
  try {
    const source = await open(files, reading);
    for await (const block of source.blocks()) {
      records.push(...recordsOf(block));
      bad.push(...block.bad.map(({ file, line, reason }) => `${shortened(file)}:${line}: ${reason}`));
    }
    return { records, bad, error: undefined };
  } catch (error) {
    if (!(error instanceof KloadError)) throw error;
    return { records, bad, error };
  }
}

/** Reads one file with this content. */
export function readText(name: string, content: string | Uint8Array, reading: Reading = {}): Promise<ReadResult> {
  return read([fileOf(name, content)], reading);
}

export function recordsOf(block: RecordBlock, count = block.count): ReadRecord[] {
  const bytes = Buffer.from(block.bytes.buffer, block.bytes.byteOffset, block.bytes.length);
  return Array.from({ length: Math.min(count, block.count) }, (_, at) => ({
    data: bytes.toString('utf8', block.dataStart[at], block.dataEnd[at]),
    key: block.keyStart[at]! < 0 ? undefined : bytes.toString('utf8', block.keyStart[at], block.keyEnd[at]),
    ...(block.attributesBytes(at) > 0 && {
      hashKey: bytes.toString('utf8', block.attributesStart[at], block.attributesEnd[at]),
    }),
    recordedAtMs: block.recordedAtMs[at]!,
    line: block.line[at]!,
    file: shortened(block.file),
  }));
}

/** `exit: message (hint)`, paths without their folder. */
export function textOf(error: KloadError | undefined): string {
  if (error === undefined) return 'no error';
  const hint = error.hint === undefined ? '' : ` (${error.hint})`;
  return `${error.exit}: ${shortened(error.message)}${hint}`;
}

export function dataOf({ records }: ReadResult): string[] {
  return records.map(({ data }) => data);
}

function shortened(text: string): string {
  return text.replaceAll(`${directory()}/`, '');
}
