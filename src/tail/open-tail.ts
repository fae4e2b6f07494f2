import type { TailPlan } from '../config/tail-plan.js';
import { obeysEscapes } from '../system/terminal.js';
import { openStream } from './open-stream.js';
import { openTopic } from './open-topic.js';
import { Output } from './output.js';
import { recordFormatter } from './record-format.js';
import { Tail, type TailNotes } from './tail.js';

export interface OpenTail {
  readonly tail: Tail;
  readonly place: string;
  readonly manner: string;
  /** Throws a KloadError (output) if the output could not be completed. */
  close(): Promise<void>;
}

/** Opens the stream or topic, and the output. Throws a KloadError if that fails, before any record is read. */
export async function openTail(plan: TailPlan, notes: TailNotes, signal: AbortSignal): Promise<OpenTail> {
  const { source, targetTimeoutMs: timeoutMs } = plan;
  const onWait = (text: string) => notes.waiting(text);
  const open =
    source.kind === 'kafka'
      ? await openTopic(source, plan.follow, timeoutMs, onWait, process.env)
      : await openStream(source, timeoutMs, onWait, signal);
  try {
    const output = await openOutput(plan);
    const { stream, readShard, relistEveryMs, place, manner } = open;
    const part = source.kind === 'kafka' ? 'partition' : 'shard';
    const tail = new Tail({ part, range: plan, stream, readShard, relistEveryMs, output, notes, timeoutMs });
    const close = () => output.close().finally(() => open.close());
    return { tail, place, manner, close };
  } catch (error) {
    await open.close();
    throw error;
  }
}

function openOutput({ source, format, output, overwrites }: TailPlan): Output | Promise<Output> {
  const topic = source.kind === 'kafka' ? source.topic : undefined;
  const formatter = recordFormatter(format, topic, output === undefined && mayColor());
  return output === undefined
    ? new Output(process.stdout, undefined, formatter)
    : Output.toFile(output, overwrites, formatter);
}

function mayColor(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR && obeysEscapes(process.env);
}
