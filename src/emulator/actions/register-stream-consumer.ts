import { ServiceError } from '../protocol/service-error.js';
import { REGISTER_STREAM_CONSUMER_INPUT } from '../protocol/shapes.js';
import type { Accounts } from '../store/accounts.js';
import type { Stream } from '../store/stream.js';
import type { ConsumerState } from '../store/stream-state.js';
import { hasAdvantage } from './advantage.js';
import { describeConsumer } from './consumers.js';
import { operation } from './operation.js';
import { withTags } from './tags.js';

export const registerStreamConsumer = operation(REGISTER_STREAM_CONSUMER_INPUT, (input, { accounts, caller, now }) => {
  const stream = accounts.stream(caller, input, now);
  const name = input.ConsumerName;
  if (stream.state.consumers.some((consumer) => consumer.name === name)) {
    throw new ServiceError(
      'ResourceInUseException',
      `Consumer ${name} under stream ${stream.name} already exists for account ${stream.account}.`,
    );
  }
  stream.requireActive();
  requireWithinLimits(stream, accounts, now);
  const { tagsPerResource } = accounts.limits;
  // The ARN ends in the seconds of the time that is told: they agree.
  const createdSeconds = Math.floor(now / 1000);
  const consumer: ConsumerState = {
    name,
    arn: `${stream.arn}/consumer/${name}:${createdSeconds}`,
    createdAtMs: createdSeconds * 1000,
    pending: { status: 'CREATING', untilMs: now + accounts.delays.consumerMs },
    tags: withTags({}, input.Tags ?? {}, `consumer ${name} of ${stream.description}`, tagsPerResource),
  };
  const answer = { Consumer: describeConsumer(consumer) };
  stream.update((state) => {
    state.consumers = [...state.consumers, consumer];
  });
  stream.settle(now);
  return answer;
});

function requireWithinLimits(stream: Stream, accounts: Accounts, now: number): void {
  const { state } = stream;
  const { consumersPerStream, consumersPerAdvantageStream, consumersCreating } = accounts.limits;
  const isAdvantage = state.mode === 'ON_DEMAND' && hasAdvantage(accounts.account(state), now);
  const most = isAdvantage ? consumersPerAdvantageStream : consumersPerStream;
  if (state.consumers.length >= most) {
    throw new ServiceError(
      'LimitExceededException',
      `This request would exceed the limit on the number of consumers for ${stream.description}. ` +
        `Current consumer count: ${state.consumers.length}. Limit: ${most}.`,
    );
  }
  const creating = state.consumers.filter(({ pending }) => pending?.status === 'CREATING').length;
  if (creating >= consumersCreating) {
    throw new ServiceError(
      'LimitExceededException',
      'This request would exceed the limit on the number of consumers that can simultaneously be in CREATING ' +
        `for ${stream.description}. Limit: ${consumersCreating}.`,
    );
  }
}
