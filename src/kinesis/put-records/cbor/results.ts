import { ARRAY, CborError, CborItems, MAP, TEXT, UNSIGNED } from '../../../bytes/cbor-items.js';
import { addResult, checkFailedCount, type Results } from '../results.js';
import { SHARD_DIGITS, shardIdAt } from '../shard-ids.js';
import { endOfStored } from './stored-result.js';

/**
 * Reads a response to PutRecords. Compares the result of a stored record as a whole, in the form that the service
 * writes. Reads everything else item by item, in any form that CBOR allows.
 *
 * @param body is modified: the chunks of a string are moved together
 * @throws SyntaxError if it is not CBOR, not a response to PutRecords, or contradicts itself
 */
export function readCborResults(body: Buffer): Results {
  const results: Results = { shardIds: [], refused: [] };
  try {
    new ResultsReader(body, results).read();
    return results;
  } catch (error) {
    if (error instanceof CborError) throw new SyntaxError('the response is not CBOR, or not one to PutRecords');
    throw error;
  }
}

class ResultsReader {
  readonly #body: Buffer;
  readonly #view: DataView;
  readonly #items: CborItems;
  readonly #results: Results;
  #hasRecords = false;
  #failedCount: number | undefined;

  constructor(body: Buffer, results: Results) {
    this.#body = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.length);
    this.#items = new CborItems(body, 0, body.length);
    this.#results = results;
  }

  read(): void {
    const items = this.#items;
    const members = items.enter(MAP);
    for (let read = 0; items.more(members, read); read++) {
      const name = this.#name();
      if (name === 'Records') this.#readRecords();
      else if (name === 'FailedRecordCount') this.#failedCount = this.#count();
      else items.skip();
    }
    if (!items.ended || !this.#hasRecords) throw new CborError();
    checkFailedCount(this.#results, this.#failedCount);
  }

  #readRecords(): void {
    const items = this.#items;
    const { shardIds } = this.#results;
    if (this.#hasRecords) throw new CborError();
    this.#hasRecords = true;
    const records = items.enter(ARRAY);
    for (let read = 0; items.more(records, read); read++) {
      const end = endOfStored(this.#view, items.at);
      const shardId = end < 0 ? undefined : shardIdAt(this.#body, this.#view, end - 1 - SHARD_DIGITS);
      if (shardId === undefined) {
        this.#readRecord();
      } else {
        items.at = end;
        shardIds.push(shardId);
      }
    }
  }

  #readRecord(): void {
    const items = this.#items;
    let numberLength: number | undefined;
    let shardId: string | undefined;
    let code: string | undefined;
    let message: string | undefined;
    const members = items.enter(MAP);
    for (let read = 0; items.more(members, read); read++) {
      const name = this.#name();
      if (name === 'SequenceNumber') numberLength = this.#textLength();
      else if (name === 'ShardId') shardId = this.#text();
      else if (name === 'ErrorCode') code = this.#text();
      else if (name === 'ErrorMessage') message = this.#text();
      else items.skip();
    }
    addResult(this.#results, { numberLength, shardId, code, message });
  }

  #name(): string {
    this.#items.string(TEXT);
    return this.#body.toString('latin1', this.#items.start, this.#items.end);
  }

  /** undefined: null. */
  #text(): string | undefined {
    if (this.#skippedNull()) return undefined;
    this.#items.string(TEXT);
    return this.#body.toString('utf8', this.#items.start, this.#items.end);
  }

  /** undefined: null. */
  #textLength(): number | undefined {
    if (this.#skippedNull()) return undefined;
    this.#items.string(TEXT);
    return this.#items.end - this.#items.start;
  }

  /** undefined: null. */
  #count(): number | undefined {
    return this.#skippedNull() ? undefined : this.#items.enter(UNSIGNED);
  }

  #skippedNull(): boolean {
    const isNull = this.#items.isNull();
    if (isNull) this.#items.skip();
    return isNull;
  }
}
