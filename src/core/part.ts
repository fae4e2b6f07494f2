/** What decides which records of a run a part sends: their keys, their files, or where they are in a file. */
export type PartBy = 'key' | 'file' | 'range';

/** One of the parts that a run is split into. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/** '2/8', as `--part` takes it. */
export function partText({ number, of }: Part): string {
  return `${number}/${of}`;
}

/** '2of8', for the names of files. */
export function partName({ number, of }: Part): string {
  return `${number}of${of}`;
}
