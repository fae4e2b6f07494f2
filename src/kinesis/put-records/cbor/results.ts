import { ARRAY, CborError, CborItems, MAP, TEXT } from '../../../core/cbor-items.js';
import type { Results } from '../results.js';
import { SHARD_DIGITS, shardIdAt } from '../shard-ids.js';
import { endOfTaken } from './taken-record.js';

/**
 * Reads the answer to PutRecords. The codes themselves are read, never only FailedRecordCount: there are emulators that
 * always answer 0. A record that was taken, as the service writes it, is looked at as a whole; all else, in whatever form
 * CBOR allows, goes item by item.
 *
 * @param body changes: strings that come in pieces are pushed together
 * @throws SyntaxError when it is no CBOR, or not of this form
 */
export function readCborResults(body: Buffer): Results {
  const results: Results = { shardIds: [], refused: [] };
  if (body.length === 0) return results;
  try {
    new Answer(body, results).read();
    return results;
  } catch (error) {
    if (error instanceof CborError) throw new SyntaxError('no answer to PutRecords in CBOR');
    throw error;
  }
}

class Answer {
  readonly #body: Buffer;
  readonly #view: DataView;
  readonly #items: CborItems;
  readonly #results: Results;
  #hasRecords = false;

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
      if (this.#name() === 'Records') this.#readRecords();
      else items.skip();
    }
    if (!items.ended) throw new CborError();
  }

  #readRecords(): void {
    const items = this.#items;
    const { shardIds } = this.#results;
    if (this.#hasRecords) throw new CborError();
    this.#hasRecords = true;
    const records = items.enter(ARRAY);
    for (let read = 0; items.more(records, read); read++) {
      const end = endOfTaken(this.#view, items.at);
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
    const { shardIds, refused } = this.#results;
    let shardId: string | undefined;
    let code: string | undefined;
    let message: string | undefined;
    const members = items.enter(MAP);
    for (let read = 0; items.more(members, read); read++) {
      const name = this.#name();
      if (name === 'ShardId') shardId = this.#text();
      else if (name === 'ErrorCode') code = this.#text();
      else if (name === 'ErrorMessage') message = this.#text();
      else items.skip();
    }
    if (code !== undefined) refused.push({ index: shardIds.length, code, message: message ?? '' });
    shardIds.push(shardId);
  }

  #name(): string {
    this.#items.string(TEXT);
    return this.#body.toString('latin1', this.#items.start, this.#items.end);
  }

  /** undefined: null. */
  #text(): string | undefined {
    const items = this.#items;
    if (items.isNull()) {
      items.skip();
      return undefined;
    }
    items.string(TEXT);
    return this.#body.toString('utf8', items.start, items.end);
  }
}
