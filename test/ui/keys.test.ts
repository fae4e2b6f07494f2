import { describe, expect, it, vi } from 'vitest';
import { pressed } from '../../src/ui/thread/keys.js';
import { open } from './open.js';
import { ESC } from './terminal.js';
import { makeView } from './views.js';

it('w shows the latencies of the whole run, and those of the last seconds again', () => {
  const recent = { helpPage: undefined, span: 'recent' } as const;
  const { chosen } = pressed('w', false, recent, 1);
  expect(chosen).toEqual({ helpPage: undefined, span: 'run' });
  expect(pressed('w', false, chosen, 1).chosen).toEqual(recent);
});

it('takes pasted text for no key, and a held or a quick one for each', () => {
  const recent = { helpPage: undefined, span: 'recent' } as const;
  expect(pressed('kload run --rps 5000 --quiet', false, recent, 1)).toEqual({
    chosen: recent,
    commands: [],
    redraw: false,
  });
  expect(pressed('+++', false, recent, 1).commands).toHaveLength(3);
  expect(pressed('pq', false, recent, 1).commands).toEqual([['togglePause'], ['stop']]);
});

it('Ctrl-C stops the run from the help, also if it comes with other keys', () => {
  const help = { helpPage: 0, span: 'recent' } as const;
  expect(pressed('c', true, help, 2).commands).toEqual([['stop']]);
  expect(pressed('\x03\x03', false, help, 2).commands).toEqual([['stop'], ['stop']]);
});

describe('keys', () => {
  it('call the controls', async () => {
    const { keyboard, controls } = open(makeView());
    const pressed = async (keys: string, control: keyof typeof controls): Promise<void> => {
      const before = controls[control].mock.calls.length;
      keyboard.write(keys);
      await vi.waitUntil(() => controls[control].mock.calls.length > before, { interval: 1 });
    };
    await pressed('q', 'stop');
    await pressed('\x03', 'stop');
    await pressed('p', 'togglePause');
    await pressed('+', 'scaleRate');
    await pressed('=', 'scaleRate');
    await pressed('-', 'scaleRate');
    expect(controls.stop).toHaveBeenCalledTimes(2);
    expect(controls.togglePause).toHaveBeenCalledTimes(1);
    expect(controls.scaleRate.mock.calls).toEqual([[1.1], [1.1], [1 / 1.1]]);
    await pressed('++', 'scaleRate');
    expect(controls.scaleRate).toHaveBeenCalledTimes(5);
    await pressed('+\x03\x03', 'stop');
    expect(controls.stop).toHaveBeenCalledTimes(4);
  });

  it.each([
    [80, 24],
    [60, 15],
    [30, 5],
    [200, 50],
  ] as const)('open help at %i columns and %i rows, all of it, and close it', async (columns, rows) => {
    const { terminal, keyboard, controls } = open(makeView(), columns, rows);
    keyboard.write('?');
    let help = '';
    for (let page = 1; !help.includes('any key closes this'); page++) {
      help += await terminal.shows(new RegExp(`any key: page ${page + 1} of|any key closes this`));
      if (!help.includes('any key closes this')) keyboard.write('p');
    }
    const words = help.replaceAll(/any key: page.*|kload run.*/g, '').replaceAll(/\s+/g, ' ');
    expect(words).toContain('stop reading and send what was read; again: stop at once');
    expect(words).toContain('held records in a worker, waiting or in flight any key closes this');
    expect(controls.togglePause).not.toHaveBeenCalled();
    keyboard.write('q');
    await terminal.shows('? help');
    expect(controls.stop).not.toHaveBeenCalled();
    expect(terminal.faults).toEqual([]);
  });

  it('stop the run with Ctrl-C from the help too', async () => {
    const { terminal, keyboard, controls } = open(makeView());
    keyboard.write('?');
    await terminal.shows('any key closes this');
    keyboard.write('\x03');
    await vi.waitUntil(() => controls.stop.mock.calls.length === 1, { interval: 1 });
  });

  it('redraw the whole screen: Ctrl-L', async () => {
    const { terminal, keyboard, controls } = open(makeView());
    const redrawn = terminal.written.length;
    keyboard.write('\x0c');
    await terminal.frame();
    // Each row of the screen.
    expect(terminal.written.slice(redrawn).match(new RegExp(`${ESC}\\[\\d+;1H`, 'g'))).toHaveLength(24);
    expect(controls.stop).not.toHaveBeenCalled();
  });
});
