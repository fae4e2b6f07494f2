import { type ReadStream, WriteStream } from 'node:tty';
import { getHeapStatistics } from 'node:v8';
import type { MessagePort } from 'node:worker_threads';
import { type Key, render, useInput } from 'ink';
import type { LiveView } from '../../core/live.js';
import { Dashboard } from '../dashboard-view.js';
import { FrameGate } from '../frame-gate.js';
import { openKeyboard } from '../keyboard.js';
import { type Size, type ThreadData, type ThreadMessage, unpackView, type ViewMessage } from '../messages.js';
import { helpPages } from '../panels/help.js';
import { pressed } from './keys.js';
import { Screen } from './screen.js';

/** Draws the views that the main thread sends, and sends it what the keys ask for, until the thread is ended. */
export function runDashboard({ gate, ...data }: ThreadData, main: MessagePort): void {
  const terminal = new WriteStream(1);
  // A terminal that went away: the run gets a signal.
  terminal.on('error', () => {});
  const keyboard = openKeyboard();
  // The main thread sets the terminal's mode, and takes it back.
  if (keyboard !== undefined) keyboard.setRawMode = () => keyboard;
  const post = (message: ThreadMessage) => main.postMessage(message);
  const { show, ended } = mountDashboard({
    ...data,
    screen: new Screen(terminal, new FrameGate(gate)),
    keyboard,
    post,
  });
  // Nothing handles a rejection, so it ends the thread.
  void ended();
  main.on('message', ({ view, size }: ViewMessage) => {
    const begunAtMs = performance.now();
    show(unpackView(view), size);
    post({ kind: 'drawn', tookMs: performance.now() - begunAtMs, heapBytes: getHeapStatistics().used_heap_size });
  });
}

export interface MountOptions extends Omit<ThreadData, 'gate'> {
  readonly screen: Screen;
  /** undefined: there are no keys. */
  readonly keyboard: ReadStream | undefined;
  readonly post: (message: ThreadMessage) => void;
}

export interface MountedDashboard {
  show(view: LiveView, size: Size): void;
  unmount(): void;
  /** Rejects with an error thrown while rendering. */
  ended(): Promise<unknown>;
}

/** The dashboard with its keys. */
export function mountDashboard({ screen, keyboard, post, chosen: before, colour }: MountOptions): MountedDashboard {
  let chosen = before;
  let shown: { readonly view: LiveView; readonly size: Size } | undefined;

  const ink = render(null, {
    stdout: screen as unknown as NodeJS.WriteStream,
    ...(keyboard === undefined ? {} : { stdin: keyboard }),
    // Each change as a whole frame, at once. See `Screen`.
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const draw = (): void => {
    if (shown === undefined) return;
    ink.rerender(
      <>
        <Keys onInput={onInput} isActive={keyboard !== undefined} />
        <Dashboard {...shown} {...chosen} colour={colour} />
      </>,
    );
  };
  const onInput = (input: string, { ctrl }: Key): void => {
    const pages = shown === undefined ? 0 : helpPages(shown.size).length;
    const { chosen: next, commands, redraw } = pressed(input, ctrl, chosen, pages);
    for (const command of commands) post({ kind: 'command', command });
    if (next !== chosen) post({ kind: 'chosen', chosen: next });
    chosen = next;
    if (redraw) screen.forget();
    draw();
  };
  return {
    show(view, size) {
      shown = { view, size };
      screen.resize(size);
      draw();
    },
    unmount: () => ink.unmount(),
    ended: () => ink.waitUntilExit(),
  };
}

function Keys({ onInput, isActive }: { onInput: (input: string, key: Key) => void; isActive: boolean }): null {
  useInput(onInput, { isActive });
  return null;
}
