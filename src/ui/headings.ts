import { bright, dim, type Line, widthOf } from './text.js';

/** `─ title ─────────────── note ─` */
export function heading(title: string, note: string, columns: number): Line {
  const end = note === '' ? '' : ` ${note} ─`;
  const rule = '─'.repeat(Math.max(0, columns - 3 - widthOf(title) - widthOf(end)));
  return [dim('─ '), bright(title), dim(` ${rule}${end}`)];
}

/** The columns that a heading has left for its note. */
export function noteColumns(title: string, columns: number): number {
  return columns - widthOf('─  ─  ─') - widthOf(title);
}

/** A heading that is also the header of a table: each label ends where its column ends, which includes a space. */
export function tableHeading(
  title: string,
  first: number,
  labels: readonly string[],
  cell: number,
  columns: number,
): Line {
  const rule = '─'.repeat(Math.max(0, first - 3 - title.length));
  const labelled = labels.map((label) => ` ${label} `.padStart(cell, '─')).join('');
  const rest = '─'.repeat(Math.max(0, columns - first - labelled.length));
  return [dim('─ '), bright(title), dim(` ${rule}${labelled}${rest}`)];
}
