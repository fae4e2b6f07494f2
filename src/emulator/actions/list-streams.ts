import { structure } from '../protocol/shape.js';
import { NEXT_TOKEN, PAGE_LIMIT, STREAM_NAME } from '../protocol/shapes.js';
import { summarizeStream } from './descriptions.js';
import { operation } from './operation.js';
import { readPageToken, writePageToken } from './page-token.js';

/** Streams in one response, whatever the request's Limit. */
const STREAMS_MAX = 100;
const TOKEN = 'list-streams';

export const listStreams = operation({
  input: structure({
    Limit: PAGE_LIMIT,
    ExclusiveStartStreamName: STREAM_NAME,
    NextToken: NEXT_TOKEN,
  }),
  emulated: 'with pages and summaries',
  run: (input, { accounts, caller, now }) => {
    const token = input.NextToken;
    const after = token === undefined ? input.ExclusiveStartStreamName : readPageToken(TOKEN, token, now)[0];
    const rest = accounts.streams(caller, now).filter(({ name }) => after === undefined || name > after);
    const page = rest.slice(0, Math.min(input.Limit ?? STREAMS_MAX, STREAMS_MAX));
    const hasMore = page.length < rest.length;
    return {
      StreamNames: page.map(({ name }) => name),
      HasMoreStreams: hasMore,
      NextToken: hasMore ? writePageToken(TOKEN, [page.at(-1)!.name], now) : undefined,
      StreamSummaries: page.map((stream) => summarizeStream(stream)),
    };
  },
});
