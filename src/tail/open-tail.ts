import type { TailPlan } from '../config/tail-plan.js';
import { obeysEscapes } from '../system/terminal.js';
import { tailKind } from '../target/tail-kinds.js';
import { Output, type RecordSink } from './output.js';
import { recordFormatter } from './record-format.js';
import { Tail, type TailNotes } from './tail.js';
import type { SourceOpener } from './tailed-stream.js';

/** How each kind of `TAIL_KINDS` is opened, loaded only when it is read. */
const OPENERS: Readonly<Record<string, () => Promise<SourceOpener>>> = {
  kinesis: async () => (await import('./open-stream.js')).openStream,
  kafka: async () => (await import('./open-topic.js')).openTopic,
};

export interface OpenTail {
  readonly tail: Tail;
  readonly location: string;
  readonly method: string;
  /** Throws a KloadError (output) if the output could not be completed. */
  close(): Promise<void>;
}

/** Opens the stream or topic, and the output. Throws a KloadError if that fails, before any record is read. */
export function openTail(plan: TailPlan, notes: TailNotes, signal: AbortSignal): Promise<OpenTail> {
  return openWith(plan, notes, signal, async (topic) => {
    const output = await openOutput(plan, topic);
    return { sink: output, close: () => output.close() };
  });
}

/** Opens the stream or topic, for a tail that hands its records to a sink. */
export function openReading(
  plan: TailPlan,
  notes: TailNotes,
  signal: AbortSignal,
  sink: RecordSink,
): Promise<OpenTail> {
  return openWith(plan, notes, signal, async () => ({ sink, close: async () => {} }));
}

interface OpenSink {
  readonly sink: RecordSink;
  close(): Promise<void>;
}

async function openWith(
  plan: TailPlan,
  notes: TailNotes,
  signal: AbortSignal,
  openSink: (topic: string | undefined) => Promise<OpenSink>,
): Promise<OpenTail> {
  const { source, targetTimeoutMs: timeoutMs } = plan;
  const onWait = (text: string) => notes.waiting(text);
  const openSource = await OPENERS[source.kind]!();
  const open = await openSource(source as never, { follow: plan.follow, timeoutMs, onWait, signal });
  try {
    const { sink, close: closeSink } = await openSink(open.topic);
    const { stream, readShard, relistEveryMs, location, method } = open;
    const part = tailKind(source.kind).words.shard;
    const tail = new Tail({ part, range: plan, stream, readShard, relistEveryMs, output: sink, notes, timeoutMs });
    const close = () => closeSink().finally(() => open.close());
    return { tail, location, method, close };
  } catch (error) {
    await open.close();
    throw error;
  }
}

function openOutput({ format, output, overwrites }: TailPlan, topic: string | undefined): Output | Promise<Output> {
  const formatter = recordFormatter(format, topic, output === undefined && mayColor());
  return output === undefined
    ? new Output(process.stdout, undefined, formatter)
    : Output.toFile(output, overwrites, formatter);
}

function mayColor(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR && obeysEscapes(process.env);
}
