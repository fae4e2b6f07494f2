import { addResult, checkFailedCount, type Results } from '../results.js';
import { readQuickly } from './results-scan.js';

/**
 * Reads a response to PutRecords.
 *
 * @throws SyntaxError if it is not JSON, not a response to PutRecords, or contradicts itself
 */
export function readJsonResults(body: Buffer): Results {
  return readQuickly(body) ?? readByParser(body);
}

/** Reads what the scan does not: white space, escapes and other members. Reports malformed responses. */
export function readByParser(body: Buffer): Results {
  const { Records, FailedRecordCount } = objectOf(parsed(body));
  if (!Array.isArray(Records)) throw new SyntaxError('the response has no Records');
  const results: Results = { shardIds: [], refused: [] };
  for (const record of Records) {
    const { SequenceNumber, ShardId, ErrorCode, ErrorMessage } = objectOf(record);
    addResult(results, {
      numberLength: textOf(SequenceNumber)?.length,
      shardId: textOf(ShardId),
      code: textOf(ErrorCode),
      message: textOf(ErrorMessage),
    });
  }
  checkFailedCount(results, countOf(FailedRecordCount));
  return results;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new SyntaxError('the response is not JSON');
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new SyntaxError('the response is not one to PutRecords');
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new SyntaxError(`a result has ${typeof value} where a string belongs`);
}

function countOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new SyntaxError('FailedRecordCount is not a count');
}
