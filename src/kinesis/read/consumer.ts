import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  type KinesisClient,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { isNamed, KloadError } from '../../core/errors.js';
import { createKinesisClient, type KinesisConnection } from '../client/client.js';
import { SetUpCalls, type SetUpWait } from '../client/set-up-calls.js';
import { fanOutError } from '../errors/target-error.js';

const WAIT_FOR_ACTIVE_MS = 60_000;
const POLL_MS = 500;

/** An enhanced fan-out consumer that is ready to subscribe. */
export interface Consumer {
  readonly arn: string;
  readonly name: string;
  /** Deregisters the consumer if kload registered it. */
  release(): Promise<void>;
}

/** Finds the consumer with this name, or registers it. Throws a KloadError if the service refuses. */
export async function openConsumer(
  connection: KinesisConnection,
  streamArn: string,
  name: string,
  wait: SetUpWait,
): Promise<Consumer> {
  const client = createKinesisClient(connection, 1);
  const calls = new SetUpCalls(connection, wait);
  const address = { StreamARN: streamArn, ConsumerName: name };
  let isOwn = false;
  const release = async () => {
    try {
      if (isOwn) await client.send(new DeregisterStreamConsumerCommand(address));
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException')) throw fanOutError(error, connection);
    } finally {
      client.destroy();
    }
  };
  try {
    if ((await describe(client, calls, address)) === undefined) {
      await calls.reporting('RegisterStreamConsumer', client.send(new RegisterStreamConsumerCommand(address)));
      isOwn = true;
    }
    return { arn: await activeArn(client, calls, address), name, release };
  } catch (error) {
    await release();
    if (isNamed(error, 'LimitExceededException')) {
      throw new KloadError(
        'target',
        `consumer '${name}' cannot be registered: ${error.message}`,
        'name a consumer that is registered already, or read without --fan-out',
      );
    }
    throw fanOutError(error, connection);
  }
}

type Address = { readonly StreamARN: string; readonly ConsumerName: string };

async function describe(client: KinesisClient, calls: SetUpCalls, address: Address) {
  try {
    const { ConsumerDescription } = await calls.until('DescribeStreamConsumer', (abortSignal) =>
      client.send(new DescribeStreamConsumerCommand(address), { abortSignal }),
    );
    return ConsumerDescription;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

async function activeArn(client: KinesisClient, calls: SetUpCalls, address: Address): Promise<string> {
  for (let attempt = 0; attempt < WAIT_FOR_ACTIVE_MS / POLL_MS; attempt++) {
    const consumer = await describe(client, calls, address);
    if (consumer?.ConsumerStatus === 'ACTIVE') return consumer.ConsumerARN ?? '';
    if (consumer?.ConsumerStatus === 'DELETING') {
      const hint = 'try again when it is gone, or name another consumer';
      throw new KloadError('target', `consumer '${address.ConsumerName}' is being deregistered`, hint);
    }
    await calls.pause(POLL_MS);
  }
  throw new KloadError(
    'target',
    `consumer '${address.ConsumerName}' is still being registered after ${WAIT_FOR_ACTIVE_MS / 1000} s`,
    'try again when it is ACTIVE',
  );
}
