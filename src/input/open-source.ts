import type { Source } from '../core/record.js';
import { unwrapCalls } from './captures/unwrap.js';
import { decodeData } from './decode.js';
import { FileSource } from './file-source.js';
import type { InputOptions, InputSurroundings } from './input-options.js';
import { loop } from './loop.js';
import { pace } from './order/pace.js';
import { reorder } from './order/reorder.js';
import { pickPart } from './part-of-recording.js';
import { noteSpans } from './recorded-span.js';
import { optional, type Transform, unchanged } from './transform.js';

/** Reading 1 MiB takes a fraction of a millisecond, parsing it a few. */
export const SURROUNDINGS: InputSurroundings = {
  chunkBytes: 1024 * 1024,
  stdin: () => process.stdin,
};

/**
 * Opens files and standard input as one source. The beginning of every file is read first, so that a mistake in the
 * last one is not found after hours of sending. Progress is counted in bytes of the files as they are, compressed ones
 * compressed; the total is undefined with standard input, a pipe or `loop`.
 *
 * @throws KloadError `input` for a file that is missing, can't be read, is empty or does not fit the options; `usage`
 * for a loop over something that can be read only once
 */
export async function openSource(
  options: InputOptions,
  surroundings: Partial<InputSurroundings> = {},
): Promise<Source> {
  const { dataEncoding = 'utf8', unwrap = 'none', traits } = options;
  const files = await FileSource.open(options, { ...SURROUNDINGS, ...surroundings });
  const { current } = files;
  const decode = decodeData(dataEncoding, traits);
  const transforms: Transform[] = [
    decode,
    await unwrapCalls(unwrap, decode(files.heads), current, traits),
    noteSpans,
    optional(options.part, pickPart),
    optional(options.reorderWindowMs, (windowMs) => reorder(windowMs, current)),
    optional(options.pacing, (pacing) => pace(pacing, current)),
    options.loop ? loop : unchanged,
  ];
  return transforms.reduce<Source>((source, transform) => transform(source), files);
}
