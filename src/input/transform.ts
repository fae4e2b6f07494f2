import type { FormatName } from '../core/format-names.js';
import type { Progress, RecordBlock, Source } from '../core/record.js';
import type { InputReport } from '../core/report.js';

/** Makes a source that changes, drops or reorders the records of another one. It works for any source. */
export type Transform = (source: Source) => Source;

/** The file that is being read. */
export interface CurrentFile {
  /** Its index among the files: one that is named twice is read twice. */
  readonly index: number;
  /** Undefined until enough of it was read. */
  readonly format: FormatName | undefined;
  /** Whether its next bytes may take long to come, as those of a pipe may. */
  readonly mayPause: boolean;
}

export const unchanged: Transform = (source) => source;

/** The transform for the value of an option; none if the option was not given. */
export function optional<T>(value: T | undefined, transform: (value: T) => Transform): Transform {
  return value === undefined ? unchanged : transform(value);
}

/** What differs from the source underneath. */
interface Changes {
  /** Called once for each pass over the input. */
  blocks(): AsyncIterable<RecordBlock>;
  progress?(blockShare: number): Progress;
  found?(): Partial<InputReport>;
}

export function transformed(source: Source, { blocks, progress, found }: Changes): Source {
  return {
    blocks,
    progress: progress ?? ((blockShare) => source.progress(blockShare)),
    get found() {
      return { ...source.found, ...found?.() };
    },
  };
}
