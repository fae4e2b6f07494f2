import type { RecordBlock } from '../core/record.js';
import { type Transform, transformed } from './transform.js';

/** Notes which recorded times each file covers, in the first pass over the input. */
export const noteSpans: Transform = (source) => {
  let first: Map<string, RecordedSpan> | undefined;
  return transformed(source, {
    blocks() {
      if (first !== undefined) return source.blocks();
      first = new Map();
      return watched(source.blocks(), first);
    },
    found() {
      return {
        files: source.found.files.map((file) => {
          const { firstTimestamp = null, lastTimestamp = null } = first?.get(file.file) ?? {};
          return { ...file, firstTimestamp, lastTimestamp };
        }),
      };
    },
  });
};

async function* watched(
  blocks: AsyncIterable<RecordBlock>,
  spans: Map<string, RecordedSpan>,
): AsyncGenerator<RecordBlock, void> {
  let [file, span] = ['', new RecordedSpan()];
  for await (const block of blocks) {
    if (block.file !== file) {
      file = block.file;
      span = spans.get(file) ?? new RecordedSpan();
      spans.set(file, span);
    }
    span.add(block);
    yield block;
  }
}

/** The recorded times that a file covers. */
class RecordedSpan {
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  add({ count, recordedAtMs }: RecordBlock): void {
    for (let at = 0; at < count; at++) {
      const ms = recordedAtMs[at]!;
      if (ms < this.#firstMs) this.#firstMs = ms;
      if (ms > this.#lastMs) this.#lastMs = ms;
    }
  }

  /** The earliest time, RFC 3339; null: no record had one. */
  get firstTimestamp(): string | null {
    return rfc3339(this.#firstMs);
  }

  get lastTimestamp(): string | null {
    return rfc3339(this.#lastMs);
  }
}

function rfc3339(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
