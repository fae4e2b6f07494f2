import { ServiceError } from '../protocol/service-error.js';
import type { Input } from '../protocol/shape.js';
import { LIST_STREAM_CONSUMERS_INPUT } from '../protocol/shapes.js';
import type { Stream } from '../store/stream.js';
import { describeConsumer } from './consumers.js';
import { type Call, operation } from './operation.js';
import { readPageToken, writePageToken } from './page-token.js';

/** Consumers in one answer at most, whatever was asked for. */
const CONSUMERS_MAX = 100;
const TOKEN = 'list-stream-consumers';

export const listStreamConsumers = operation(LIST_STREAM_CONSUMERS_INPUT, (input, call) => {
  const { stream, after } = startOf(input, call);
  const consumers = [...stream.state.consumers].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rest = consumers.filter(({ name }) => after === undefined || name > after);
  const page = rest.slice(0, Math.min(input.MaxResults ?? CONSUMERS_MAX, CONSUMERS_MAX));
  const hasMore = page.length < rest.length;
  return {
    Consumers: page.map(describeConsumer),
    NextToken: hasMore ? writePageToken(TOKEN, [stream.id, page.at(-1)!.name], call.now) : undefined,
  };
});

/** The stream, and the name of the consumer after which the list begins. */
function startOf(
  input: Input<typeof LIST_STREAM_CONSUMERS_INPUT>,
  { accounts, caller, now }: Call,
): { stream: Stream; after: string | undefined } {
  const { NextToken, StreamCreationTimestamp } = input;
  const stream = accounts.stream(caller, input, now);
  if (NextToken !== undefined) {
    if (StreamCreationTimestamp !== undefined) {
      throw new ServiceError(
        'InvalidArgumentException',
        'NextToken and StreamCreationTimestamp cannot be provided together.',
      );
    }
    const [streamId, after] = readPageToken(TOKEN, NextToken, now);
    if (streamId !== stream.id) throw new ServiceError('InvalidArgumentException', 'NextToken is invalid.');
    return { stream, after };
  }
  // It tells streams of one name apart; clients may have cut it to seconds.
  const seconds = (ms: number) => Math.floor(ms / 1000);
  if (
    StreamCreationTimestamp !== undefined &&
    seconds(StreamCreationTimestamp.getTime()) !== seconds(stream.state.createdAtMs)
  ) {
    throw new ServiceError(
      'ResourceNotFoundException',
      `Stream ${stream.name} under account ${stream.account} not found.`,
    );
  }
  return { stream, after: undefined };
}
