import { decodeData } from './decode.js';
import { FileSource } from './file-source.js';
import type { InputOptions } from './input-options.js';
import { SURROUNDINGS } from './open-source.js';

/**
 * The earliest of the times of the files' first records, in epoch milliseconds: for a part of a run, which reads only
 * some of them, it is when the recording begins. NaN if none has a time.
 *
 * @throws KloadError `input` for a file that cannot be read
 */
export async function originOf(options: InputOptions): Promise<number> {
  const files = await FileSource.open(options, SURROUNDINGS);
  let originMs = Number.POSITIVE_INFINITY;
  for await (const { count, recordedAtMs } of decodeData(
    options.dataEncoding ?? 'utf8',
    options.traits,
  )(files.heads).blocks()) {
    if (count > 0 && recordedAtMs[0]! < originMs) originMs = recordedAtMs[0]!;
  }
  return Number.isFinite(originMs) ? originMs : Number.NaN;
}
