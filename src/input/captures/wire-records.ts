import { grown } from '../../bytes/arrays.js';

/** Where the parts of the records in one recorded body lie, by record. Reused for body after body. */
export class WireRecords {
  count = 0;
  dataStart = new Int32Array(512);
  dataEnd = new Int32Array(512);
  keyStart = new Int32Array(512);
  keyEnd = new Int32Array(512);
  hashStart = new Int32Array(512);
  /** 0 for a record without an explicit hash key. */
  hashEnd = new Int32Array(512);

  /** Adds a record without parts: a missing data or key begins at -1. */
  begin(): number {
    const at = this.count++;
    if (at === this.dataStart.length) this.#grow();
    this.dataStart[at] = -1;
    this.keyStart[at] = -1;
    this.hashEnd[at] = 0;
    return at;
  }

  #grow(): void {
    this.dataStart = grown(this.dataStart);
    this.dataEnd = grown(this.dataEnd);
    this.keyStart = grown(this.keyStart);
    this.keyEnd = grown(this.keyEnd);
    this.hashStart = grown(this.hashStart);
    this.hashEnd = grown(this.hashEnd);
  }
}
