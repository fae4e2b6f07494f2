import { KloadError } from '../core/errors.js';
import type { FormatName } from '../core/format-names.js';
import { type Progress, RecordBlock, type Source } from '../core/record.js';
import { type FileReport, type InputReport, NOTHING_FOUND } from '../core/report.js';
import { Tally } from './bytes/byte-reader.js';
import { statFile } from './bytes/open-bytes.js';
import { Window } from './bytes/window.js';
import { fileBlocks, type Workspace } from './file-blocks.js';
import { fileLabel, type InputOptions, type InputSurroundings } from './input-options.js';
import type { RecordParser } from './record-parser.js';
import { type CurrentFile, transformed } from './transform.js';

/** Filled in by `noteSpans`. */
const NO_SPAN = { firstTimestamp: null, lastTimestamp: null };

/** The records of files and standard input, one after another, without any transform. */
export class FileSource implements Source {
  readonly #options: InputOptions;
  readonly #surroundings: InputSurroundings;
  /** By index of the file; undefined for standard input and pipes. Bytes. */
  readonly #sizes: readonly (number | undefined)[];
  readonly #total: number | undefined;
  readonly #current = new OpenFile();
  #workspace: Workspace;
  /** The parsers of the files' heads, and of the files in the first pass, by index. */
  readonly #headParsers = new Map<number, RecordParser>();
  readonly #parsers = new Map<number, RecordParser>();

  /**
   * @throws KloadError `input` for a file that is missing or can't be looked at, `usage` for one that can't be read
   * again
   */
  static async open(options: InputOptions, surroundings: InputSurroundings): Promise<FileSource> {
    const sizes = await Promise.all(options.files.map((file) => sizeOf(file, options.loop)));
    if (options.files.filter((file) => file === '-').length > 1) {
      throw new KloadError('usage', 'standard input (-) is named twice, and can be read only once');
    }
    return new FileSource(options, surroundings, sizes);
  }

  private constructor(options: InputOptions, surroundings: InputSurroundings, sizes: readonly (number | undefined)[]) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#sizes = sizes;
    this.#total = sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
    this.#workspace = { block: new RecordBlock(), window: new Window(surroundings.chunkBytes), tally: new Tally() };
  }

  get current(): CurrentFile {
    return this.#current;
  }

  /** The first block of each file that can be read again. Read it before the files: it does not count as progress. */
  get heads(): Source {
    return transformed(this, { blocks: () => this.#firstBlocks() });
  }

  async *blocks(): AsyncGenerator<RecordBlock, void> {
    for (const index of this.#options.files.keys()) {
      yield* this.#fileBlocks(index, (parser) => {
        if (!this.#parsers.has(index)) this.#parsers.set(index, parser);
      });
    }
  }

  progress(blockShare: number): Progress {
    return { done: this.#workspace.tally.bytesUpTo(blockShare), total: this.#total };
  }

  get found(): InputReport {
    return { ...NOTHING_FOUND, files: this.#readings() };
  }

  /** How the files are read, as far as that is known. */
  #readings(): FileReport[] {
    return this.#options.files.flatMap((file, index) => {
      const reading = this.#parsers.get(index)?.reading ?? this.#headParsers.get(index)?.reading;
      return reading === undefined ? [] : [{ file: fileLabel(file), ...reading, ...NO_SPAN }];
    });
  }

  async *#firstBlocks(): AsyncGenerator<RecordBlock, void> {
    for (const index of this.#options.files.keys()) {
      if (this.#sizes[index] === undefined) continue;
      for await (const block of this.#fileBlocks(index, (parser) => this.#headParsers.set(index, parser))) {
        yield block;
        // Leaving the loop closes the file.
        break;
      }
    }
    this.#workspace = { ...this.#workspace, tally: new Tally() };
  }

  #fileBlocks(index: number, opened: (parser: RecordParser) => void): AsyncGenerator<RecordBlock, void> {
    const current = this.#current;
    current.index = index;
    current.mayPause = this.#sizes[index] === undefined;
    current.parser = undefined;
    return fileBlocks(this.#options.files[index]!, this.#options, this.#surroundings, this.#workspace, (parser) => {
      current.parser = parser;
      opened(parser);
    });
  }
}

class OpenFile implements CurrentFile {
  index = 0;
  mayPause = false;
  parser: RecordParser | undefined;

  get format(): FormatName | undefined {
    return this.parser?.reading?.format;
  }
}

/** The file's size in bytes; undefined for standard input or a pipe, whose end is not known. */
async function sizeOf(file: string, loop: boolean): Promise<number | undefined> {
  if (file === '-') {
    if (loop) throw new KloadError('usage', 'standard input can be read only once, so --loop needs a file');
    return undefined;
  }
  const stats = await statFile(file);
  if (stats.isFile()) return stats.size;
  if (loop) throw new KloadError('usage', `${file}: a pipe can be read only once, so --loop needs a file`);
  return undefined;
}
