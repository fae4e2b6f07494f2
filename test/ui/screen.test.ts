import { describe, expect, it } from 'vitest';
import { FrameGate } from '../../src/ui/frame-gate.js';
import { Screen } from '../../src/ui/thread/screen.js';
import { ESC, Terminal } from './terminal.js';

/** A screen of three rows that shows its first frame. */
function screenWith(...lines: readonly string[]) {
  const terminal = new Terminal(10, 3);
  const gate = new FrameGate();
  const screen = new Screen(terminal.stream, gate);
  screen.resize({ columns: 10, rows: 3 });
  screen.write(lines.join('\n'));
  /** The rows that drawing this writes to, and the screen afterwards. */
  const draw = (...lines: readonly string[]) => {
    const before = terminal.written.length;
    screen.write(lines.join('\n'));
    const written = [...terminal.written.slice(before).matchAll(new RegExp(`${ESC}\\[(\\d+);1H`, 'g'))];
    expect(terminal.faults).toEqual([]);
    return { rows: written.map(([, row]) => Number(row)), screen: terminal.screen };
  };
  return { terminal, gate, screen, draw };
}

describe('the screen', () => {
  it('gets only the lines that changed', () => {
    const { draw } = screenWith('one', 'two', 'three');
    expect(draw('one', '2', 'three')).toEqual({ rows: [2], screen: ['one', '2', 'three'] });
    expect(draw('one', '2', 'three').rows).toEqual([]);
    expect(draw('one')).toEqual({ rows: [2, 3], screen: ['one', '', ''] });
  });

  it('keeps the last character of a line that fills it', () => {
    expect(screenWith().draw('0123456789').screen[0]).toBe('0123456789');
  });

  it('shows each frame at once', () => {
    const { terminal } = screenWith('one');
    expect(terminal.written.startsWith('\x1b[?2026h')).toBe(true);
    expect(terminal.written.endsWith('\x1b[?2026l')).toBe(true);
  });

  it('is cleared and drawn whole at a new size', () => {
    const { terminal, screen, draw } = screenWith('one', 'two', 'three');
    terminal.columns = 5;
    terminal.rows = 2;
    screen.resize({ columns: 5, rows: 2 });
    expect(draw('one', 'two', 'three')).toEqual({ rows: [1, 2], screen: ['one', 'two'] });
    expect(terminal.written).toContain('\x1b[2J');
    expect(draw('one', 'two').rows).toEqual([]);
  });

  it('is drawn whole now and then, over what others wrote to the terminal', () => {
    const { draw } = screenWith('one', 'two');
    const whole = Array.from({ length: 100 }, () => draw('one', 'two').rows.length).filter((rows) => rows > 0);
    expect(whole).toEqual([3, 3]);
  });

  it('gets no frame after its gate was closed', () => {
    const { terminal, gate, draw } = screenWith('one');
    gate.close();
    gate.close();
    expect(draw('two').rows).toEqual([]);
    expect(terminal.screen[0]).toBe('one');
  });
});
