import { onTestFinished, vi } from 'vitest';
import type { LiveView } from '../../src/core/live.js';
import { startDashboard } from '../../src/ui/dashboard.js';
import { Keyboard, Terminal } from './terminal.js';

/** Opens a dashboard on a terminal of this size; `show` changes its view. */
export async function open(first: LiveView, columns = 80, rows = 24, keyboard = new Keyboard()) {
  const terminal = new Terminal(columns, rows);
  const controls = { stop: vi.fn(), togglePause: vi.fn(), scaleRate: vi.fn() };
  let view = first;
  const dashboard = await startDashboard({
    view: () => view,
    controls,
    stdout: terminal.stream,
    stdin: keyboard.stream,
    framesPerSecond: 100,
  });
  onTestFinished(() => dashboard.stop());
  const show = (next: LiveView): void => {
    view = next;
  };
  return { terminal, keyboard, controls, dashboard, show };
}
