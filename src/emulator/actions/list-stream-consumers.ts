import { invalidArgument } from '../protocol/service-error.js';
import { type Input, structure } from '../protocol/shape.js';
import { NEXT_TOKEN, PAGE_LIMIT, STREAM_ARN_REFERENCE, TIMESTAMP } from '../protocol/shapes.js';
import type { Stream } from '../store/stream.js';
import { describeConsumer } from './consumers.js';
import { requireCreatedAt } from './not-found.js';
import { type Call, operation } from './operation.js';
import { readPageToken, writePageToken } from './page-token.js';

/** Consumers in one response, whatever the request's MaxResults. */
const CONSUMERS_MAX = 100;
const TOKEN = 'list-stream-consumers';

const INPUT = structure(
  {
    ...STREAM_ARN_REFERENCE,
    NextToken: NEXT_TOKEN,
    MaxResults: PAGE_LIMIT,
    StreamCreationTimestamp: TIMESTAMP,
  },
  ['StreamARN'],
);

export const listStreamConsumers = operation({
  input: INPUT,
  emulated: 'with pages; StreamCreationTimestamp',
  run: (input, call) => {
    const { stream, after } = startOf(input, call);
    const consumers = [...stream.state.consumers].sort((a, b) => (a.name < b.name ? -1 : 1));
    const rest = consumers.filter(({ name }) => after === undefined || name > after);
    const page = rest.slice(0, Math.min(input.MaxResults ?? CONSUMERS_MAX, CONSUMERS_MAX));
    const hasMore = page.length < rest.length;
    return {
      Consumers: page.map(describeConsumer),
      NextToken: hasMore ? writePageToken(TOKEN, [stream.id, page.at(-1)!.name], call.now) : undefined,
    };
  },
});

/** The stream, and the name of the consumer after which the list begins; undefined: it begins with the first. */
function startOf(
  input: Input<typeof INPUT>,
  { accounts, caller, now }: Call,
): { stream: Stream; after: string | undefined } {
  const { NextToken, StreamCreationTimestamp } = input;
  const stream = accounts.stream(caller, input, now);
  if (NextToken !== undefined) {
    if (StreamCreationTimestamp !== undefined) {
      throw invalidArgument('NextToken and StreamCreationTimestamp cannot be provided together.');
    }
    const [streamId, after] = readPageToken(TOKEN, NextToken, now);
    if (streamId !== stream.id) throw invalidArgument('NextToken is invalid.');
    return { stream, after };
  }
  requireCreatedAt(stream, StreamCreationTimestamp);
  return { stream, after: undefined };
}
