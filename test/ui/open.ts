import { vi } from 'vitest';
import type { LiveView } from '../../src/core/live.js';
import { FrameGate } from '../../src/ui/frame-gate.js';
import type { ThreadMessage } from '../../src/ui/messages.js';
import { mountDashboard } from '../../src/ui/thread/run-dashboard.js';
import { Screen } from '../../src/ui/thread/screen.js';
import { Keyboard, Terminal } from './terminal.js';

/**
 * Opens a dashboard on a terminal of this size, in this thread. `show` changes its view, `resize` the terminal's size.
 * What the main thread does is tested in terminal-use.test.ts.
 */
export function open(first: LiveView, columns = 80, rows = 24, keyboard = new Keyboard()) {
  const terminal = new Terminal(columns, rows);
  const controls = { stop: vi.fn(), togglePause: vi.fn(), scaleRate: vi.fn() };
  const gate = new FrameGate();
  const dashboard = mountDashboard({
    screen: new Screen(terminal.stream, gate),
    keyboard: keyboard.isTTY ? keyboard.stream : undefined,
    chosen: { helpPage: undefined, span: 'recent' },
    colour: true,
    post(message: ThreadMessage) {
      if (message.kind !== 'command') return;
      const [name, ...args] = message.command;
      controls[name](...args);
    },
  });
  let view = first;
  const show = (next: LiveView): void => {
    view = next;
    dashboard.show(view, { columns: terminal.columns, rows: terminal.rows });
  };
  const resize = (columns: number, rows: number): void => {
    terminal.columns = columns;
    terminal.rows = rows;
    show(view);
  };
  show(first);
  return { terminal, keyboard, controls, gate, show, resize, unmount: dashboard.unmount };
}
