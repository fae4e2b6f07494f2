import { Writable } from 'node:stream';
import { type Instance, type Key, render, useInput, useStdin } from 'ink';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'react';
import type { LiveView, RunControls } from '../core/live.js';
import { composeFrame } from './frame.js';
import { colourWanted, paintLines } from './paint.js';
import { helpPages } from './panels/help.js';
import type { Screen } from './screen.js';

interface AppProps {
  readonly view: () => LiveView;
  readonly controls: RunControls;
  readonly stdout: NodeJS.WriteStream;
  readonly screen: Screen;
  readonly framesPerSecond: number;
}

const RATE_STEP = 1.1;

function pressKey(key: string, controls: RunControls, openHelp: () => void): void {
  if (key === 'q') controls.stop();
  else if (key === 'p') controls.togglePause();
  else if (key === '+' || key === '=') controls.scaleRate(RATE_STEP);
  else if (key === '-') controls.scaleRate(1 / RATE_STEP);
  else if (key === '?') openHelp();
}

/** Renders at a fixed rate, and at once after a resize. Returns a function that asks for one more frame. */
function useFrames(stdout: NodeJS.WriteStream, framesPerSecond: number): () => void {
  const [, nextFrame] = useReducer((frame: number) => frame + 1, 0);
  useEffect(() => {
    const timer = setInterval(nextFrame, 1000 / framesPerSecond);
    stdout.on('resize', nextFrame);
    return () => {
      clearInterval(timer);
      stdout.off('resize', nextFrame);
    };
  }, [stdout, framesPerSecond]);
  return nextFrame;
}

/**
 * React runs the component and Ink reads the keys, but the frame bypasses Ink's renderer, which splits and joins every
 * cell of the screen: 50 ms of CPU for a frame of 200x50, on the thread that feeds the workers, where it would show as
 * schedule lag. It also keeps every text it has ever measured. Composing lines and comparing rows takes 2 ms.
 */
function App({ view, controls, stdout, screen, framesPerSecond }: AppProps): null {
  // A ref, not a state: the key after `?` may arrive before React has given Ink the next handler.
  const helpPage = useRef<number | undefined>(undefined);
  const { isRawModeSupported } = useStdin();
  const nextFrame = useFrames(stdout, framesPerSecond);

  const turnPage = (): void => {
    const next = helpPage.current === undefined ? 0 : helpPage.current + 1;
    helpPage.current = next < helpPages(screen.size).length ? next : undefined;
  };
  const onInput = (input: string, { ctrl }: Key): void => {
    if (ctrl && input === 'c') controls.stop();
    else if (ctrl && input === 'l') screen.forget();
    else if (helpPage.current !== undefined) turnPage();
    // A key that is held down arrives as several characters at once.
    else if (!ctrl) for (const key of input) pressKey(key, controls, turnPage);
    nextFrame();
  };
  useInput(onInput, { isActive: isRawModeSupported === true });

  useLayoutEffect(() => {
    screen.enter();
    return screen.leave;
  }, [screen]);
  useLayoutEffect(() => {
    const { size } = screen;
    screen.paint(paintLines(composeFrame(view(), size, helpPage.current), size, colourWanted(process.env)), size);
  });
  return null;
}

/** Ink requires a stream to draw to, but the app renders nothing. */
function nowhere(): NodeJS.WriteStream {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
  return Object.assign(stream, { columns: 1, rows: 1 }) as unknown as NodeJS.WriteStream;
}

export function mountApp(props: AppProps, stdin: NodeJS.ReadStream): Instance {
  return render(<App {...props} />, { stdout: nowhere(), stdin, exitOnCtrlC: false, patchConsole: false });
}
