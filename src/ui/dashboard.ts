import { openSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import type { LiveView, RunControls } from '../core/live.js';
import { Screen } from './screen.js';

/** A frame takes a few milliseconds of the thread that feeds the workers: two per second are one percent of it. */
const FRAMES_PER_SECOND = 2;

export interface DashboardOptions {
  readonly view: () => LiveView;
  readonly controls: RunControls;
  readonly stdout?: NodeJS.WriteStream;
  readonly stdin?: NodeJS.ReadStream;
  readonly framesPerSecond?: number;
}

export interface Dashboard {
  /** Restores the terminal. A second call does nothing. */
  stop(): Promise<void>;
}

/** Shows the run on the terminal until `stop()`. An error in `view` or in a panel is a bug, and ends the process. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { view, controls, stdout = process.stdout, stdin = keyboard(), framesPerSecond = FRAMES_PER_SECOND } = options;
  // React reads this once, when it is loaded. Its development build is several times slower.
  process.env.NODE_ENV ??= 'production';
  const { mountApp } = await import('./app.js');

  const app = mountApp({ view, controls, stdout, screen: new Screen(stdout), framesPerSecond }, stdin);
  // Rejects with an error thrown while rendering. Until `stop()` that rejection is unhandled, so it ends the process.
  const exited = app.waitUntilExit();
  return {
    async stop() {
      app.unmount();
      await exited;
      if (stdin !== process.stdin) stdin.destroy();
    },
  };
}

/** Standard input, or the terminal itself if standard input is not a terminal. */
function keyboard(): NodeJS.ReadStream {
  if (isatty(0)) return process.stdin;
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    // No controlling terminal, or Windows: the dashboard has no keys.
    return process.stdin;
  }
}
