import type { LiveShard, LiveView, RunControls } from '../core/live.js';

/** What the main thread and the dashboard's thread send each other. */

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What the user has chosen to see. All else that the thread shows is in the view. */
export interface Chosen {
  readonly helpPage: number | undefined;
  readonly span: 'recent' | 'run';
}

/** Given to the thread when it starts. */
export interface ThreadData {
  /** See `FrameGate`. */
  readonly gate: SharedArrayBuffer;
  readonly chosen: Chosen;
  readonly colour: boolean;
}

/** To the thread. It holds nothing of the run between two views. */
export interface ViewMessage {
  readonly view: PackedView;
  readonly size: Size;
}

/** A call of one of the run's controls. */
export type Command = {
  [Name in keyof RunControls]: readonly [Name, ...Parameters<RunControls[Name]>];
}[keyof RunControls];

/** From the thread. */
export type ThreadMessage =
  | { readonly kind: 'command'; readonly command: Command }
  /** The view was drawn: the thread is ready for the next. */
  | { readonly kind: 'drawn'; readonly tookMs: number; readonly heapBytes: number }
  | { readonly kind: 'chosen'; readonly chosen: Chosen };

/** A view in the form that is cheap to copy: objects for 5,000 shards take 7 ms, these arrays 0.5 ms. */
export type PackedView = Omit<LiveView, 'shards' | 'heat'> & {
  /** One a line. */
  readonly shardIds: string;
  /** `SHARD_FIELDS` of each shard. */
  readonly shards: Float64Array;
  readonly heatIds: string;
  /** The loads of each shard in turn. */
  readonly heat: Uint8Array;
};

const SHARD_FIELDS = ['recordsPerSecond', 'bytesPerSecond', 'throttledPerSecond', 'load', 'throttledTotal'] as const;

export function packView({ shards, heat, ...rest }: LiveView): PackedView {
  const fields = new Float64Array(shards.length * SHARD_FIELDS.length);
  let at = 0;
  for (const shard of shards) for (const field of SHARD_FIELDS) fields[at++] = shard[field];
  const loads = new Uint8Array(heat.reduce((sum, one) => sum + one.loads.length, 0));
  at = 0;
  for (const one of heat) {
    loads.set(one.loads, at);
    at += one.loads.length;
  }
  return { ...rest, shardIds: linesOf(shards), shards: fields, heatIds: linesOf(heat), heat: loads };
}

export function unpackView({ shardIds, shards, heatIds, heat, ...rest }: PackedView): LiveView {
  const hot = idsOf(heatIds);
  const seconds = heat.length / hot.length;
  return {
    ...rest,
    shards: idsOf(shardIds).map((id, index) => unpackShard(id, shards, index * SHARD_FIELDS.length)),
    heat: hot.map((id, index) => ({ id, loads: heat.subarray(index * seconds, (index + 1) * seconds) })),
  };
}

function unpackShard(id: string, fields: Float64Array, from: number): LiveShard {
  const [recordsPerSecond = 0, bytesPerSecond = 0, throttledPerSecond = 0, load = 0, throttledTotal = 0] =
    fields.subarray(from, from + SHARD_FIELDS.length);
  return { id, recordsPerSecond, bytesPerSecond, throttledPerSecond, load, throttledTotal };
}

function linesOf(named: readonly { readonly id: string }[]): string {
  return named.map(({ id }) => id).join('\n');
}

function idsOf(lines: string): string[] {
  return lines === '' ? [] : lines.split('\n');
}
