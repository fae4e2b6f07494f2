import { KloadError } from '../../core/errors.js';
import type { InputOptions } from '../input-options.js';

const LISTED_MAX = 20;

/** Which columns of a CSV hold what: 0-based, -1 for none. */
export interface CsvColumns {
  readonly count: number;
  readonly data: number;
  readonly timestamp: number;
  readonly key: number;
  readonly hashKey: number;
  readonly headers: number;
  /** How messages call a column, by index: `column 'id'`, or `column 2` if it has no name. */
  label(column: number): string;
  /** The labels of the columns whose text is not sent, at most a few of them. */
  notSent(): readonly string[];
}

/**
 * Finds the columns that the options name.
 *
 * @param names the cells of the header; undefined if there is none
 * @throws KloadError `input` for a column that does not exist
 */
export function findColumns(
  file: string,
  names: readonly string[] | undefined,
  count: number,
  options: InputOptions,
): CsvColumns {
  const find = (field: string | undefined, flag: string) => {
    if (field === undefined) return -1;
    const byName = names?.indexOf(field) ?? -1;
    if (byName >= 0) return byName;
    const number = /^[1-9]\d*$/.test(field) ? Number(field) : 0;
    if (number >= 1 && number <= count) return number - 1;
    throw new KloadError('input', `${file}: no column '${field}' for ${flag}`, listColumns(names, count));
  };
  const key = find(options.partitionKeyField, '--partition-key-field');
  const hashKey = find(options.explicitHashKeyField, '--explicit-hash-key-field');
  const headers = find(options.headersField, '--headers-field');
  const data = Math.max(find(options.dataField, '--data-field'), 0);
  let timestamp = find(options.timestampField, '--timestamp-field');
  // The second column holds the time, unless an option says that it holds something else.
  if (timestamp < 0 && count > 1 && ![data, key, hashKey, headers].includes(1)) timestamp = 1;
  if (timestamp < 0 && options.needsTimestamp) {
    const hint = `name its column with --timestamp-field; ${listColumns(names, count)}`;
    throw new KloadError('input', `${file}: no column for the records' times`, hint);
  }
  const label = (column: number) => columnLabel(names, column);
  const isSent = (column: number) => [data, key, hashKey, headers].includes(column);
  const notSent = () => {
    const labels = Array.from({ length: count }, (_, column) => column)
      .filter((column) => !isSent(column))
      .map(label);
    return labels.length > LISTED_MAX ? [...labels.slice(0, LISTED_MAX), '…'] : labels;
  };
  return { count, data, timestamp, key, hashKey, headers, label, notSent };
}

function columnLabel(names: readonly string[] | undefined, column: number): string {
  const name = names?.[column];
  return name === undefined || name === '' ? `column ${column + 1}` : `column '${name}'`;
}

function listColumns(names: readonly string[] | undefined, count: number): string {
  if (names === undefined) return `without a header columns go by number: 1 to ${count}`;
  const listed = names.slice(0, LISTED_MAX).map((name) => `'${name}'`);
  if (names.length > LISTED_MAX) listed.push('…');
  return `the columns are ${listed.join(', ')}`;
}
