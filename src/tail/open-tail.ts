import { randomBytes } from 'node:crypto';
import type { TailPlan } from '../config/tail-plan.js';
import { endpointOf, type KinesisConnection } from '../kinesis/client.js';
import { type Consumer, openConsumer } from '../kinesis/consumer.js';
import { describeStream, type StreamFacts } from '../kinesis/stream.js';
import { StreamReader } from '../kinesis/stream-reader.js';
import { Output } from './output.js';
import { pollShard } from './poll-shard.js';
import { recordFormatter } from './record-format.js';
import { subscribeShards } from './subscribe-shard.js';
import { Tail, type TailNotes } from './tail.js';

/** A tail whose stream was looked at. */
export interface OpenTail {
  readonly tail: Tail;
  readonly facts: StreamFacts;
  /** What records are pushed to; undefined when they are polled. */
  readonly consumer: Consumer | undefined;
  close(): Promise<void>;
}

/** Opens stream, output and consumer: whatever is wrong with them is thrown as a KloadError before anything is read. */
export async function openTail(plan: TailPlan, notes: TailNotes, signal: AbortSignal): Promise<OpenTail> {
  const { region, profile, stream, targetTimeoutMs: timeoutMs } = plan;
  const endpoint = endpointOf(plan.endpoint, process.env);
  const connection: KinesisConnection = {
    ...{ region, profile, stream, endpoint },
    requestTimeoutMs: timeoutMs,
    credentials: undefined,
  };
  const facts = await describeStream(connection);
  const format = recordFormatter(plan.format, plan.output === undefined && mayColor());
  const output =
    plan.output === undefined
      ? new Output(process.stdout, undefined, format)
      : await Output.toFile(plan.output, format);
  const name = plan.fanOut === '' ? `kload-tail-${randomBytes(4).toString('hex')}` : plan.fanOut;
  const consumer = name === undefined ? undefined : await openConsumer(connection, facts.arn, name, signal);
  const reader = new StreamReader(connection);
  const readShard = consumer === undefined ? pollShard : subscribeShards(consumer.arn);
  const tail = new Tail({ range: plan, stream: reader, readShard, output, notes, timeoutMs });
  const close = async () => {
    reader.close();
    await output.close();
    await consumer?.release();
  };
  return { tail, facts, consumer, close };
}

function mayColor(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}
