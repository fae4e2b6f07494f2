import { limitExceeded, resourceInUse } from '../protocol/service-error.js';
import { structure } from '../protocol/shape.js';
import { CONSUMER_NAME, STREAM_ARN_REFERENCE, TAGS } from '../protocol/shapes.js';
import type { Accounts } from '../store/accounts.js';
import type { Stream } from '../store/stream.js';
import type { ConsumerState } from '../store/stream-state.js';
import { hasAdvantage } from './billing-commitment.js';
import { describeConsumer } from './consumers.js';
import { operation } from './operation.js';
import { withTags } from './tags.js';

export const registerStreamConsumer = operation({
  input: structure({ ...STREAM_ARN_REFERENCE, ConsumerName: CONSUMER_NAME, Tags: TAGS }, ['StreamARN', 'ConsumerName']),
  emulated: 'CREATING for a while, with the limits on consumers',
  run: (input, { accounts, caller, now }) => {
    const stream = accounts.stream(caller, input, now);
    const name = input.ConsumerName;
    if (stream.state.consumers.some((consumer) => consumer.name === name)) {
      throw resourceInUse(`Consumer ${name} under stream ${stream.name} already exists for account ${stream.account}.`);
    }
    stream.requireActive();
    requireWithinLimits(stream, accounts, now);
    const { tagsPerResource } = accounts.limits;
    // The ARN ends in the creation time, in seconds: both must agree.
    const createdSeconds = Math.floor(now / 1000);
    const consumer: ConsumerState = {
      name,
      arn: `${stream.arn}/consumer/${name}:${createdSeconds}`,
      createdAtMs: createdSeconds * 1000,
      pending: { status: 'CREATING', untilMs: now + accounts.delays.consumerMs },
      tags: withTags({}, input.Tags ?? {}, `consumer ${name} of ${stream.description}`, tagsPerResource),
    };
    const output = { Consumer: describeConsumer(consumer) };
    stream.update((state) => {
      state.consumers = [...state.consumers, consumer];
    });
    stream.settle(now);
    return output;
  },
});

function requireWithinLimits(stream: Stream, accounts: Accounts, now: number): void {
  const { state } = stream;
  const { consumersPerStream, consumersPerAdvantageStream, consumersCreating } = accounts.limits;
  const isAdvantage = state.mode === 'ON_DEMAND' && hasAdvantage(accounts.account(state), now);
  const consumersMax = isAdvantage ? consumersPerAdvantageStream : consumersPerStream;
  if (state.consumers.length >= consumersMax) {
    throw limitExceeded(
      `This request would exceed the limit on the number of consumers for ${stream.description}. ` +
        `Current consumer count: ${state.consumers.length}. Limit: ${consumersMax}.`,
    );
  }
  const creating = state.consumers.filter(({ pending }) => pending?.status === 'CREATING').length;
  if (creating >= consumersCreating) {
    throw limitExceeded(
      'This request would exceed the limit on the number of consumers that can simultaneously be in CREATING ' +
        `for ${stream.description}. Limit: ${consumersCreating}.`,
    );
  }
}
