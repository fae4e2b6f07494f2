import { renderToString } from 'ink';
import { createElement } from 'react';
import { expect } from 'vitest';
import type { LiveView } from '../../src/core/live.js';
import { Dashboard, type DashboardProps } from '../../src/ui/dashboard-view.js';
import { Terminal } from './terminal.js';

/** The frame as Ink renders it. */
export function rendered(view: LiveView, columns: number, rows: number, more: Partial<DashboardProps> = {}): string {
  const props = { view, size: { columns, rows }, span: 'recent', helpPage: undefined, colour: false, ...more } as const;
  return renderToString(createElement(Dashboard, props), { columns });
}

/** The frame as a terminal of this size shows it. Fails if anything leaves its bounds. */
export function screenOf(view: LiveView, columns = 80, rows = 24, more: Partial<DashboardProps> = {}): string {
  const terminal = new Terminal(columns, rows);
  const lines = rendered(view, columns, rows, more).split('\n');
  terminal.write(lines.map((line, row) => `\x1b[${row + 1};1H${line}`).join(''));
  expect(terminal.faults).toEqual([]);
  return terminal.text;
}
