import { viewOf } from './words.js';

/** What is remembered: so many nodes, and so many bytes of a name with its quotes and its colon. */
const NODES = 64;
const NAME_BYTES = 32;

/**
 * The names in the JSON text before, and how it was nested. Lines of one file are mostly alike: a name that comes again is
 * compared, which takes a third of what it takes to read it, and where all came again, a path leads where it led before.
 */
export class JsonShape {
  /** Changes with each text that is not like the one before. */
  version = 1;
  /** By node: how deep it lies, and what it is. */
  readonly #kinds = new Int32Array(NODES);
  /** By node: its member's name as it was written, from the quote to the colon; the length is 0 for none. */
  readonly #names = new Uint8Array(NODES * NAME_BYTES);
  readonly #namesView = viewOf(this.#names);
  readonly #nameLengths = new Int32Array(NODES);
  #count = 0;

  /** The length of the name and colon at `from`, if they are those that the node had before; else 0. */
  sameName(node: number, view: DataView, from: number, to: number): number {
    if (node >= NODES) return 0;
    const length = this.#nameLengths[node]!;
    if (length === 0 || from + length > to) return 0;
    const names = this.#namesView;
    const name = node * NAME_BYTES;
    // The last word overlaps the one before it, unless the length is a multiple of four.
    const last = length - 4;
    for (let at = 0; at < last; at += 4) {
      if (names.getInt32(name + at, true) !== view.getInt32(from + at, true)) return 0;
    }
    return names.getInt32(name + last, true) === view.getInt32(from + last, true) ? length : 0;
  }

  /** The node's name is not the one that it had before. `bytes[from, to)` is the name with its quotes and what follows, up to the colon. */
  newName(node: number, bytes: Uint8Array, from: number, to: number): void {
    this.version++;
    if (node >= NODES) return;
    const length = to - from;
    const fits = length >= 4 && length <= NAME_BYTES;
    this.#nameLengths[node] = fits ? length : 0;
    if (!fits) return;
    for (let at = 0; at < length; at++) this.#names[node * NAME_BYTES + at] = bytes[from + at]!;
  }

  /** What the node is: any number that is different for what is different. */
  kind(node: number, kind: number): void {
    if (node >= NODES || this.#kinds[node] === kind) return;
    this.#kinds[node] = kind;
    this.version++;
  }

  /** The text has ended, and had so many nodes. */
  end(count: number): void {
    if (count === this.#count && count <= NODES) return;
    this.#count = count;
    this.version++;
  }
}
