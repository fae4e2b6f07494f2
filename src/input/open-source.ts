import { KloadError } from '../core/errors.js';
import { type Progress, RecordBlock, type Source } from '../core/record.js';
import { type FileReading, type InputReport, NOTHING_FOUND } from '../core/report.js';
import { Tally } from './bytes/byte-reader.js';
import { statFile } from './bytes/open-bytes.js';
import { Window } from './bytes/window.js';
import { Unwrapper } from './captures/unwrapper.js';
import { decodedBlocks } from './data-encoding.js';
import { fileBlocks, type Workspace } from './file-blocks.js';
import { fileLabel, type InputOptions, type InputSurroundings } from './input-options.js';
import { loopBlocks } from './loop-blocks.js';
import { PacedBlocks } from './order/paced-blocks.js';
import { Reorderer } from './order/reorderer.js';
import { PartPicker } from './part-of-recording.js';
import type { RecordParser } from './record-parser.js';

/** 1 MiB is read in a fraction of a millisecond, and parsed in a few. */
const SURROUNDINGS: InputSurroundings = {
  chunkBytes: 1024 * 1024,
  stdin: () => process.stdin,
};

/**
 * Opens files and standard input as one source. All files are looked at first, each as far as its first records, so that a
 * mistake in the last one is not found out after hours of sending. Progress is counted in bytes of the files as they are,
 * compressed ones compressed; the total is undefined with standard input, a pipe or `loop`.
 *
 * @throws KloadError `input` for a file that is missing, can't be read, is empty or does not fit the options; `usage` for
 * a loop over something that can be read only once
 */
export async function openSource(
  options: InputOptions,
  surroundings: Partial<InputSurroundings> = {},
): Promise<Source> {
  const sizes = await Promise.all(options.files.map((file) => sizeOf(file, options.loop)));
  rejectSecondStdin(options.files);
  const source = new FileSource(options, { ...SURROUNDINGS, ...surroundings }, sizes);
  await source.check();
  return source;
}

/** The file's size in bytes; undefined for what is not a file, and has no end that is known. */
async function sizeOf(file: string, loop: boolean): Promise<number | undefined> {
  if (file === '-') {
    if (loop) throw new KloadError('usage', 'standard input can be read only once, so that --loop needs a file');
    return undefined;
  }
  const stats = await statFile(file);
  if (stats.isFile()) return stats.size;
  if (loop) throw new KloadError('usage', `${file}: a pipe can be read only once, so that --loop needs a file`);
  return undefined;
}

function rejectSecondStdin(files: readonly string[]): void {
  if (files.indexOf('-') !== files.lastIndexOf('-')) {
    throw new KloadError('usage', 'standard input (-) is named twice, and can be read only once');
  }
}

class FileSource implements Source {
  readonly #options: InputOptions;
  readonly #surroundings: InputSurroundings;
  /** By place in options.files. */
  readonly #sizes: readonly (number | undefined)[];
  readonly #total: number | undefined;
  #workspace: Workspace;
  readonly #unwrapper: Unwrapper;
  /** Of the first round of a loop. */
  #picker: PartPicker | undefined;
  /** Of the round at hand, and of the first one. */
  #reorderer: Reorderer | undefined;
  #firstReorderer: Reorderer | undefined;
  /** Of the first round. */
  #pacedBlocks: PacedBlocks | undefined;
  /** What parsed the files, by place: when they were looked at, and in the first round. */
  readonly #looked = new Map<number, RecordParser>();
  readonly #parsers = new Map<number, RecordParser>();
  /** Place in options.files of the one that is read. */
  #reading = 0;
  /** Where the first record stands that was not left out, in bytes of the files. */
  #firstAt: number | undefined;

  constructor(options: InputOptions, surroundings: InputSurroundings, sizes: readonly (number | undefined)[]) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#sizes = sizes;
    this.#unwrapper = new Unwrapper(options.unwrap ?? 'none', options.forKafka !== true);
    this.#total = options.loop ? undefined : totalOf(sizes);
    this.#workspace = this.#newWorkspace();
  }

  /** Reads the first records of each file that can be read again. */
  async check(): Promise<void> {
    for (const [at, file] of this.#options.files.entries()) {
      if (this.#sizes[at] === undefined) continue;
      // Leaving the loop closes the file.
      const opened = (parser: RecordParser) => this.#looked.set(at, parser);
      for await (const block of this.#rows(file, this.#workspace, opened)) {
        this.#unwrapper.look(block);
        break;
      }
      this.#unwrapper.lookedAt++;
    }
    if (this.#unwrapper.lookedAt > 0) this.#unwrapper.settle();
    this.#workspace = this.#newWorkspace();
  }

  blocks(): AsyncIterable<RecordBlock> {
    this.#workspace = this.#newWorkspace();
    return this.#options.loop ? loopBlocks(() => this.#pass()) : this.#pass();
  }

  get found(): InputReport {
    const { outOfOrder, outOfOrderMaxMs, clockJumps, clockJumpMaxMs } = this.#pacedBlocks?.order ?? NOTHING_FOUND;
    return {
      ...NOTHING_FOUND,
      files: this.#files(),
      outside: this.#picker?.outside ?? 0,
      unwrapped: this.#unwrapper.mode === 'kinesis',
      late: this.#firstReorderer?.late ?? 0,
      early: this.#firstReorderer?.early ?? 0,
      outOfOrder,
      outOfOrderMaxMs,
      clockJumps,
      clockJumpMaxMs,
    };
  }

  /** How the files are read, as far as that is known. */
  #files(): FileReading[] {
    return this.#options.files.flatMap((file, at) => {
      const reading = this.#parsers.get(at)?.reading ?? this.#looked.get(at)?.reading;
      return reading === undefined ? [] : [{ file: fileLabel(file), ...reading }];
    });
  }

  progress(blockShare: number): Progress {
    const { tally } = this.#workspace;
    const reorderer = this.#reorderer;
    const upTo = tally.bytesUpTo(this.#unwrapper.shareOfRows(reorderer === undefined ? blockShare : 1));
    // What was left out before the first record is never sent.
    const before = this.#firstAt ?? upTo;
    // What is held was read, but is still to be sent.
    const done = (upTo - before) * (reorderer?.shareLeft(blockShare) ?? 1);
    return { done, total: this.#total === undefined ? undefined : this.#total - before };
  }

  #pass(): AsyncGenerator<RecordBlock, void> {
    const { reorderWindowMs, pacing } = this.#options;
    const mayFallSilent = () => this.#sizes[this.#reading] === undefined;
    let blocks = this.#picked();
    if (reorderWindowMs !== undefined) {
      this.#reorderer = new Reorderer(reorderWindowMs);
      this.#firstReorderer ??= this.#reorderer;
      blocks = this.#reorderer.reordered(blocks, mayFallSilent);
    }
    if (pacing === undefined) return blocks;
    const paced = new PacedBlocks(pacing);
    this.#pacedBlocks ??= paced;
    return paced.paced(blocks, mayFallSilent, () => this.#reading);
  }

  async *#picked(): AsyncGenerator<RecordBlock, void> {
    const workspace = this.#workspace;
    const part = this.#options.part && new PartPicker(this.#options.part);
    this.#picker ??= part;
    for (const [at, file] of this.#options.files.entries()) {
      this.#reading = at;
      const blocks = this.#fileBlocks(at, file, workspace);
      for await (const block of part === undefined ? blocks : part.picked(blocks)) {
        this.#firstAt ??= part === undefined ? 0 : workspace.tally.bytesUpTo(this.#unwrapper.shareOfRows(0));
        yield block;
      }
    }
    part?.end();
  }

  #fileBlocks(at: number, file: string, workspace: Workspace): AsyncGenerator<RecordBlock, void> {
    const rows = this.#rows(file, workspace, (parser) => {
      if (!this.#parsers.has(at)) this.#parsers.set(at, parser);
    });
    return this.#unwrapper.mode === 'none' ? rows : this.#unwrapper.unwrapped(rows);
  }

  #rows(file: string, workspace: Workspace, opened: (parser: RecordParser) => void): AsyncGenerator<RecordBlock, void> {
    const { dataEncoding = 'utf8', forKafka = false } = this.#options;
    const blocks = fileBlocks(file, this.#options, this.#surroundings, workspace, (parser) => {
      this.#unwrapper.takesEntries = parser.reading?.format === 'json';
      opened(parser);
    });
    return dataEncoding === 'utf8' ? blocks : decodedBlocks(blocks, dataEncoding, forKafka);
  }

  #newWorkspace(): Workspace {
    return { block: new RecordBlock(), window: new Window(this.#surroundings.chunkBytes), tally: new Tally() };
  }
}

function totalOf(sizes: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const size of sizes) {
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}
