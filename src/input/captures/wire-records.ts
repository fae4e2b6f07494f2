/** Where the parts of the records in one recorded body lie, by record. Used for body after body. */
export class WireRecords {
  count = 0;
  dataStart = new Int32Array(512);
  dataEnd = new Int32Array(512);
  keyStart = new Int32Array(512);
  keyEnd = new Int32Array(512);
  hashStart = new Int32Array(512);
  /** 0 for a record without an explicit hash key. */
  hashEnd = new Int32Array(512);

  /** Adds a record of which nothing is known yet: -1 is what is missing. */
  begin(): number {
    const at = this.count++;
    if (at === this.dataStart.length) this.#grow();
    this.dataStart[at] = -1;
    this.keyStart[at] = -1;
    this.hashEnd[at] = 0;
    return at;
  }

  #grow(): void {
    this.dataStart = doubled(this.dataStart);
    this.dataEnd = doubled(this.dataEnd);
    this.keyStart = doubled(this.keyStart);
    this.keyEnd = doubled(this.keyEnd);
    this.hashStart = doubled(this.hashStart);
    this.hashEnd = doubled(this.hashEnd);
  }
}

function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
