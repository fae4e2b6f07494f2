import type { Results } from '../results.js';
import { readQuickly } from './results-scan.js';

/**
 * Reads the answer to PutRecords. The codes themselves are read, never only FailedRecordCount: there are emulators that
 * always answer 0.
 *
 * @throws SyntaxError when it is no JSON
 */
export function readJsonResults(body: Buffer): Results {
  return readQuickly(body) ?? readByParser(body);
}

/** Whatever the scan does not know: white space, escapes, other members. */
export function readByParser(body: Buffer): Results {
  const answer: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
  const results: Results = { shardIds: [], refused: [] };
  const records = isObject(answer) && Array.isArray(answer.Records) ? answer.Records : [];
  for (const [index, record] of records.entries()) {
    const { ErrorCode, ErrorMessage, ShardId } = isObject(record) ? record : {};
    results.shardIds.push(typeof ShardId === 'string' ? ShardId : undefined);
    if (ErrorCode === undefined || ErrorCode === null) continue;
    results.refused.push({ index, code: String(ErrorCode), message: String(ErrorMessage ?? '') });
  }
  return results;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
