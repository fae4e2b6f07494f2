import { escaped } from '../escaped.js';
import { type Chart, drawn } from './chart.js';

export type Row = readonly string[];

/** A section of the page; empty without content. */
export function section(title: string, ...content: readonly string[]): string {
  const body = content.filter((part) => part !== '').join('\n');
  return body === '' ? '' : `<section><h2>${escaped(title)}</h2>\n${body}</section>`;
}

/**
 * A table that scrolls by itself on a narrow screen.
 *
 * @param rows  cells as HTML
 * @param style 'words' for cells of text, which are numbers otherwise
 */
export function table(caption: string, columns: Row, rows: readonly Row[], style = ''): string {
  const head = columns.map((column) => (column === '' ? '<td></td>' : `<th scope="col">${escaped(column)}</th>`));
  // HTML lets rows and cells end where the next begins, which saves a third of a long table.
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}`).join('')}`);
  return (
    `<div class="scroll" role="region" aria-label="${escaped(caption)}" tabindex="0">` +
    `<table${style === '' ? '' : ` class="${style}"`}><caption>${escaped(caption)}</caption>` +
    `<thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
  );
}

/** Something that opens on a click, and needs no script for that. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${escaped(summary)}</summary>${content}</details>`;
}

/**
 * A picture under its title, and its values in a table that opens.
 *
 * @param lead a sentence about it, between title and picture
 */
export function pictured(title: string, picture: string, columns: Row, rows: readonly Row[], lead = ''): string {
  const values = folded('As a table', table(title, columns, rows));
  const said = lead === '' ? '' : `<p class="dim">${escaped(lead)}</p>`;
  return `<figure><figcaption>${escaped(title)}</figcaption>${said}${picture}${values}</figure>`;
}

export function figure(chart: Chart, columns: Row, rows: readonly Row[], lead?: string): string {
  return pictured(chart.title, drawn(chart), columns, rows, lead);
}
